/**
 * Images through a head that tells quarter turns as they come, some at a time: a check for
 * `inspectData`, which decodes and names them.
 */
import type { CheckFactory, Finding } from "../../data/inspect/check.ts";
import type { Executable } from "../../engine/engine.ts";
import { TURNS } from "../../objectives/pretext/quarter-turn.ts";
import { batchedCheck, type SeenImage } from "../batched-check.ts";

/** What the head said of one image. */
export interface ImageLogits extends Pick<SeenImage, "path" | "orientation"> {
  /** [4, 4], row t as it was shown rotated by t quarter turns. */
  readonly logits: Float32Array;
}

/** Takes in judged images, in their order, and says in the end what was found. */
export interface LogitsCollector {
  take(image: ImageLogits): void;
  finish(): Finding;
}

/**
 * A check that asks by which quarter turn images are rotated.
 * @param executable a program of `discriminatorProgram` with `views: "task"`; the engine holds the
 * discriminator's state
 * @param answers name of its result with the task's answers: the key of a task that tells quarter
 * turns
 * @throws Error when the images are not of the size that the program takes
 */
export const rotationCheck = (
  executable: Executable,
  answers: string,
  begin: () => LogitsCollector,
): CheckFactory =>
  batchedCheck(executable, () => {
    const collector = begin();
    return {
      take(images, { [answers]: logits }) {
        const all = logits as Float32Array;
        const batch = all.length / (TURNS * TURNS);
        for (const [i, { path, orientation }] of images.entries()) {
          const own = new Float32Array(TURNS * TURNS);
          for (let shown = 0; shown < TURNS; shown++) {
            const from = (shown * batch + i) * TURNS;
            own.set(all.subarray(from, from + TURNS), shown * TURNS);
          }
          collector.take({ path, orientation, logits: own });
        }
      },
      finish: () => collector.finish(),
    };
  });
