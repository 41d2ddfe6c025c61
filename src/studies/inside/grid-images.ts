/** Single images out of a grid that training has written. */
import sharp from "sharp";
import { imageBytes } from "../../data/store/store.ts";
import { GRID_COLUMNS, GRID_GAP } from "../../training/sampling/grid-layout.ts";
import type { SamplePredictions } from "../../training/sampling/predictions.ts";
import { noPicture, readSampleFile } from "../../training/sampling/sample-files.node.ts";

/**
 * The images of a grid.
 * @param file its path below the run folder
 * @param side of an image, S
 * @param count images in it; as many as there is room for if left out
 * @returns uint8 [N, S, S, 3]; undefined when there is no such file
 * @throws UserError for a picture that cannot be read, or is none of images of this size
 */
export async function gridImages(
  run: string,
  file: string,
  side: number,
  count?: number,
): Promise<Uint8Array | undefined> {
  const bytes = await readSampleFile(run, file);
  if (!bytes) return undefined;
  const pitch = side + GRID_GAP;
  const [max, rows] = [GRID_COLUMNS, (height: number) => (height + GRID_GAP) / pitch];
  const { data, info } = await sharp(bytes, { limitInputPixels: 64 * pitch * pitch * GRID_COLUMNS })
    .removeAlpha()
    .toColorspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw noPicture(run, file, error);
    });
  const across = (info.width + GRID_GAP) / pitch;
  const down = rows(info.height);
  if (info.channels !== 3 || across > max || !Number.isInteger(across) || !Number.isInteger(down))
    throw noPicture(run, file);
  const taken = Math.min(count ?? across * down, across * down);
  const images = new Uint8Array(taken * imageBytes(side));
  for (let i = 0; i < taken; i++)
    for (let y = 0; y < side; y++) {
      const row = Math.floor(i / across) * pitch + y;
      const from = (row * info.width + (i % across) * pitch) * 3;
      images.set(data.subarray(from, from + side * 3), (i * side + y) * side * 3);
    }
  return images;
}

/**
 * How many images a run's grids hold, as its predictions tell: the last row of a grid may be part
 * empty.
 * @param views in which the discriminator was shown each
 */
export async function predictedCounts(
  run: string,
  file: string | undefined,
  views: number,
): Promise<{ readonly fake?: number; readonly real?: number }> {
  const bytes = file === undefined ? undefined : await readSampleFile(run, file).catch(() => undefined);
  if (!bytes) return {};
  try {
    const { fake, real } = JSON.parse(bytes.toString()) as SamplePredictions;
    const count = (scores: readonly number[]): number => Math.floor(scores.length / views);
    return { fake: count(fake.score), real: count(real.score) };
  } catch {
    // Damaged: the grids themselves are still there.
    return {};
  }
}
