/** The form of values that can change while a run goes on. */

/** What the values are, in words. */
export const VALUE_WORDS: Readonly<Record<string, string>> = {
  "optimizer.learningRate": "Learning rate",
  "optimizer.discriminatorLearningRate": "Learning rate of the discriminator",
  "objective.alpha": "Weight of the task's loss, generator",
  "objective.beta": "Weight of the task's loss, discriminator",
  "objective.lambda": "Weight of the penalty",
};

/** Those of the typed values that differ from what is in force, as numbers; or why one is none. */
export function changedValues(
  typed: Readonly<Record<string, string>>,
  inForce: Readonly<Record<string, number | null>>,
): { readonly values: Readonly<Record<string, number>> } | { readonly problem: string } {
  const values: Record<string, number> = {};
  for (const [path, text] of Object.entries(typed)) {
    // Follows another value, and still shall.
    if (text.trim() === "" && inForce[path] === null) continue;
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value))
      return { problem: `${VALUE_WORDS[path] ?? path}: "${text}" is not a number.` };
    if (value !== inForce[path]) values[path] = value;
  }
  return { values };
}
