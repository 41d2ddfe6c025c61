/** Images through the rotation head as they come, some at a time: a check for `inspectData`, which decodes and names them. */
import type { Check, CheckFactory, Finding, InspectedImage } from "../../data/inspect/check.ts";
import { imageBytes } from "../../data/store.ts";
import type { Executable } from "../../engine/engine.ts";
import { TURNS } from "../../objectives/rotation.ts";

/** What the head said of one image. */
export interface JudgedImage {
  readonly path: string;
  /** As the source gives it, upright by its EXIF orientation, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly orientation: number | undefined;
  /** [4, 4], row t as it was shown turned by t quarter turns. */
  readonly logits: Float32Array;
}

/** Takes in judged images, in their order, and says in the end what was found. */
export interface Jury {
  take(image: JudgedImage): void;
  finish(): Finding;
}

/**
 * A check that asks the rotation head.
 * @param executable a program of `buildInspector` with `everyTurn`; the engine holds the discriminator's state
 * @throws Error when the images are not of the size that the program takes
 */
export function rotationCheck(executable: Executable, begin: (images: number) => Jury): CheckFactory {
  const [batch = 1, size = 1] = executable.program.feeds.find(({ name }) => name === "images")!.shape;
  return (context): Check => {
    if (context.size !== size)
      throw new Error(`images of side ${context.size} for a head that takes ${size}`);
    const bytes = imageBytes(size);
    const jury = begin(context.count);
    let waiting: InspectedImage[] = [];

    const flush = async (): Promise<void> => {
      if (waiting.length === 0) return;
      const images = new Uint8Array(batch * bytes);
      for (const [i, { pixels }] of waiting.entries()) images.set(pixels, i * bytes);
      const rotation = (await executable.run({ images })).rotation as Float32Array;
      for (const [i, { path, width, height, orientation }] of waiting.entries()) {
        const logits = new Float32Array(TURNS * TURNS);
        for (let shown = 0; shown < TURNS; shown++) {
          const from = (shown * batch + i) * TURNS;
          logits.set(rotation.subarray(from, from + TURNS), shown * TURNS);
        }
        jury.take({ path, width, height, orientation, logits });
      }
      waiting = [];
    };
    return {
      async observe(image) {
        waiting.push(image);
        if (waiting.length === batch) await flush();
      },
      async finish() {
        await flush();
        return jury.finish();
      },
    };
  };
}
