/** What a discriminator's score can be read as. */

/**
 * Losses whose discriminator gives a number without a scale of its own: no sigmoid makes a
 * probability of it.
 */
const WITHOUT_SCALE: ReadonlySet<unknown> = new Set(["wasserstein", "relativistic"]);

/**
 * Whether the score of the real/fake head stands for a probability.
 * @param loss `objective.loss`
 */
export const hasScale = (loss: unknown): boolean => !WITHOUT_SCALE.has(loss);
