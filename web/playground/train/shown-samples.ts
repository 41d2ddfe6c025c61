/** Grids as the page shows them: by addresses of their pictures, which are given back. */
import { pngAddress } from "../../common/download.ts";
import type { Sample } from "./contents.ts";

/** A sample as it is shown: addresses of its pictures. */
export interface ShownSample extends Omit<Sample, "picture" | "reals"> {
  readonly src: string;
}

/**
 * Samples with one more; it takes the place of those of its step and later ones, whose addresses
 * are given back.
 */
export function withSample(
  samples: readonly ShownSample[],
  { picture, reals: _, ...rest }: Sample,
): ShownSample[] {
  for (const { src, step } of samples) if (step >= rest.step) URL.revokeObjectURL(src);
  return [...samples.filter(({ step }) => step < rest.step), { ...rest, src: pngAddress(picture) }];
}
