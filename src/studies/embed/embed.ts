/**
 * Features of many images, from a discriminator into an array file, a batch at a time: a check for
 * `inspectData`, which decodes and names them.
 */
import type { CheckFactory } from "../../data/inspect/check.ts";
import type { Executable } from "../../engine/engine.ts";
import { batchedCheck, type SeenImage } from "../batched-check.ts";
import type { NpyWriter } from "./npy.ts";

/**
 * A check that writes the result `block` of every image as a row.
 * @param executable a program of `discriminatorProgram` with `features`; the engine holds the
 * discriminator's state
 * @param onImage told of every image, in the order of the rows
 */
export const embeddingCheck = (
  executable: Executable,
  block: string,
  writer: NpyWriter,
  onImage: (image: SeenImage) => void,
): CheckFactory =>
  batchedCheck(executable, () => ({
    async take(images, results) {
      const features = results[block] as Float32Array;
      const columns = executable.program.results.find(({ name }) => name === block)!.shape[1]!;
      await writer.append(features.subarray(0, images.length * columns));
      for (const image of images) onImage(image);
    },
    finish: () => ({ name: "features", lines: [], warnings: [], data: { rows: writer.rows } }),
  }));
