/** The images that a run's discriminator is looked into by: those of its own grids. */
import type { Config } from "../../training/config/schema.ts";
import { REALS } from "../../training/sampling/sample-files.node.ts";
import { gridImages, predictedCounts } from "./grid-images.ts";

/** A grid of samples, as the record names it. */
export interface GridFiles {
  readonly step: number;
  readonly file: string;
  readonly averagedFile?: string | undefined;
  readonly judgement?: string | undefined;
}

/** Training images, generated ones, or generated ones of averaged weights. */
export type ImageSet = "real" | "fake" | "averaged";

/**
 * Images by what they are, uint8 [N, S, S, 3], and the grids that they are from, below the run
 * folder.
 */
export interface ShownImages {
  readonly images: Readonly<Partial<Record<ImageSet, Uint8Array>>>;
  readonly files: Readonly<Partial<Record<ImageSet, string>>>;
}

/**
 * Read the real images, and those of a grid of samples.
 * @param views in which the discriminator is shown images
 * @throws UserError for a picture that cannot be read
 */
export async function shownImages(
  run: string,
  { data }: Config,
  grid: GridFiles | undefined,
  views: number,
): Promise<ShownImages> {
  const counts = await predictedCounts(run, grid?.judgement, views);
  const wanted: readonly [ImageSet, string | undefined, number | undefined][] = [
    ["real", REALS, counts.real],
    ["fake", grid?.file, counts.fake],
    ["averaged", grid?.averagedFile, counts.fake],
  ];
  const images: Partial<Record<ImageSet, Uint8Array>> = {};
  const files: Partial<Record<ImageSet, string>> = {};
  for (const [of, file, count] of wanted) {
    const found = file === undefined ? undefined : await gridImages(run, file, data.resolution, count);
    if (!found) continue;
    images[of] = found;
    files[of] = file!;
  }
  return { images, files };
}
