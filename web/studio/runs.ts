/** Which runs are looked at together. */
import type { View } from "./view.ts";

/** The view without one of its runs; the next one takes the place of the first. */
export function without(view: Pick<View, "run" | "with">, id: string): Pick<View, "run" | "with"> {
  const [run, ...others] = [view.run, ...view.with].filter((one) => one !== undefined && one !== id);
  return { run, with: others as string[] };
}
