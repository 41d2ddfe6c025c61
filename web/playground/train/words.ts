/** Why files are not taken now. */
import type { Problem } from "../problem.ts";

/**
 * Why `name` is not opened now, and what to do.
 * @param busy what the page does; empty while a run is trained
 */
export const refusalOf = (name: string, busy: string): Problem =>
  busy === ""
    ? {
        message: `A run is being trained, so ${name} was not opened.`,
        hint: "To use other images, stop the run (save it first, to keep it) and drop them again. A generator (.onnx) can be dropped at any time.",
      }
    : {
        message: `${name} was not opened: the page is still busy (${busy}).`,
        hint: "Drop it again after that.",
      };
