/**
 * Errors for people. Whatever a user can cause is a `UserError`: what happened, where, and what to
 * do. The command line prints it in a few lines without a stack and exits with 2; anything else is
 * a bug, keeps its stack and exits with 1.
 */
import { type OptionForm, option, writeOptions } from "./option-names.ts";
import { withoutSecrets } from "./text/secrets.ts";

/**
 * A mistake the user can put right. `hint` says how. The secrets in addresses are masked in both,
 * and options are written as in a program.
 * @example What is wrong, and what to do
 * ```ts
 * import { train, UserError } from "quarterturn";
 *
 * try {
 *   await train({ set: { "generator.widht": 8 } });
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 *   console.error(error.message, error.hint);
 * }
 * ```
 */
export class UserError extends Error {
  override readonly name = "UserError";
  /** What to do about it, in one or two sentences. */
  readonly hint: string | undefined;
  /** What the document of `--json` says besides. Plain JSON. */
  readonly details: Readonly<Record<string, unknown>> = {};
  /** Message and hint with their options marked. */
  readonly #marked: { readonly message: string; readonly hint: string | undefined };

  /**
   * @param message what happened and where; may name options by `option`
   * @param hint what to do
   */
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(withoutSecrets(writeOptions(message)), options);
    this.hint = hint && withoutSecrets(writeOptions(hint));
    this.#marked = { message, hint };
  }

  /**
   * Message and hint with their options still marked, to become part of another message, or to be
   * sent to where a `UserError` is made of them again.
   */
  get marked(): { readonly message: string; readonly hint: string | undefined } {
    return this.written(option);
  }

  /** Message and hint with their options in another form. */
  written(form: OptionForm): { readonly message: string; readonly hint: string | undefined } {
    const { message, hint } = this.#marked;
    return {
      message: withoutSecrets(writeOptions(message, form)),
      hint: hint && withoutSecrets(writeOptions(hint, form)),
    };
  }
}

/** What an error says in its first line; of a thrown value that is none, the value. */
export const firstLineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

/**
 * The nearest of `known` to `name` by edit distance, if it is near enough to be a slip of the
 * finger.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  // Nobody's finger slips over a text that long, and comparing it takes long.
  if (name.length > 200) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A `UserError` for a name that is not one of `known`, with the nearest one suggested. */
export function unknownName(kind: string, name: string, known: readonly string[]): UserError {
  const near = nearest(name, known);
  const list = `Known: ${known.join(", ")}.`;
  return new UserError(`Unknown ${kind} "${name}".`, near ? `Did you mean "${near}"? ${list}` : list);
}

/** Levenshtein distance with a single row. */
function editDistance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const substitution = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j]!;
      row[j] = Math.min(substitution, row[j]! + 1, row[j - 1]! + 1);
    }
  }
  return row[b.length]!;
}
