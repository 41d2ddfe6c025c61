/** Which runs are looked at together. */
import { MAX_WATCHED } from "../../../src/studio/protocol.ts";
import type { View } from "../view.ts";

/** Said when no further run can be compared. */
export const FULL = `${MAX_WATCHED} runs are compared, which is the most there can be. Untick one to tick another.`;

/** Whether as many runs are looked at as can be. */
export const isFull = (view: Pick<View, "with">): boolean => view.with.length >= MAX_WATCHED - 1;

/**
 * The runs compared when one more is wanted, or one no longer; as they are when there are too many.
 */
export function compareWith(view: Pick<View, "with">, id: string, wanted: boolean): Pick<View, "with"> {
  const others = view.with.filter((other) => other !== id);
  if (!wanted) return { with: others };
  return isFull({ with: others }) ? { with: view.with } : { with: [...others, id] };
}

/** The view without one of its runs; the next one takes the place of the first. */
export function without(view: Pick<View, "run" | "with">, id: string): Pick<View, "run" | "with"> {
  const [run, ...others] = [view.run, ...view.with].filter((one) => one !== undefined && one !== id);
  return { run, with: others as string[] };
}
