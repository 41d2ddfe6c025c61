/**
 * A check of `inspectData` that asks a discriminator: images are gathered and shown to it a batch
 * at a time.
 */
import type {
  Check,
  CheckFactory,
  Finding,
  InspectedImage,
  InspectionContext,
} from "../data/inspect/check.ts";
import { imageBytes } from "../data/store/store.ts";
import type { Executable, TensorMap } from "../engine/engine.ts";

/** An image without its pixels, which are let go of. */
export type SeenImage = Omit<InspectedImage, "pixels">;

/** Takes in what was found out. */
export interface BatchListener {
  /** @param results of the whole batch of the program, of which the first `images.length` count */
  take(images: readonly SeenImage[], results: TensorMap): void | Promise<void>;
  finish(): Finding | Promise<Finding>;
}

/**
 * A check for `inspectData` that shows images to the discriminator, some at a time.
 * @param executable a program of `discriminatorProgram` without classes; the engine holds the
 * discriminator's state
 * @throws Error when the images are not of the size that the program takes
 */
export function batchedCheck(
  executable: Executable,
  begin: (context: InspectionContext) => BatchListener,
): CheckFactory {
  const [batch = 1, size = 1] = executable.program.feeds.find(({ name }) => name === "images")!.shape;
  return (context): Check => {
    if (context.size !== size)
      throw new Error(`images of side ${context.size} for a network that takes ${size}`);
    const listener = begin(context);
    let pixels = new Uint8Array(batch * imageBytes(size));
    let waiting: SeenImage[] = [];
    const flush = async (): Promise<void> => {
      if (waiting.length === 0) return;
      const [images, shown] = [waiting, pixels];
      waiting = [];
      pixels = new Uint8Array(shown.length);
      await listener.take(images, await executable.run({ images: shown }));
    };
    return {
      async observe({ pixels: own, ...image }) {
        pixels.set(own, waiting.length * own.length);
        waiting.push(image);
        if (waiting.length === batch) await flush();
      },
      async finish() {
        await flush();
        return listener.finish();
      },
    };
  };
}
