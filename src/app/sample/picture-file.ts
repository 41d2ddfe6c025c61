/** How large the pictures of `sample` are, and the names of their files. */
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { scaleFor } from "../../training/enlarge.ts";
import type { LatentDistribution } from "../../training/settings.ts";
import type { SampleRequest } from "./options.ts";

/** Pixels across that results have about, unless a scale is asked for. */
const WIDTHS = { grid: 1000, walk: 512 } as const;
/** Longest side of a picture that is written. */
const LONGEST = 16_384;

/**
 * By how much a grid, or the frames of a walk, are enlarged.
 * @param scale as asked for
 * @throws UserError when that would make a picture that few programs open
 */
export function pictureScale(
  kind: keyof typeof WIDTHS,
  { width, height }: { readonly width: number; readonly height: number },
  scale: number | undefined,
): number {
  if (scale === undefined) return scaleFor(width, WIDTHS[kind]);
  if (scale * Math.max(width, height) > LONGEST)
    throw new UserError(
      `${option("scale", scale)} would make a picture of ${scale * width}×${scale * height} pixels.`,
      `${LONGEST} pixels a side are the most: ask for a smaller ${option("scale")} or ${option("count")}.`,
    );
  return scale;
}

/**
 * Uniform latents are never beyond 1.
 * @throws UserError for a truncation that cuts nothing off
 */
export function refuseIdleTruncation(
  { truncation }: Pick<SampleRequest, "truncation">,
  distribution: LatentDistribution,
): void {
  if (distribution === "uniform" && truncation !== undefined && truncation >= 1)
    throw new UserError(
      `${option("truncation", truncation)} would change nothing: the latent numbers of this run are uniform in [-1, 1].`,
      `Use a bound below 1, for example ${option("truncation", 0.5)}, or leave it out.`,
    );
}

/**
 * Where the result goes: a file, or with `files` a folder. The name says what made it, so nothing
 * is written over by accident. For example `runs/emoji-32/samples/grid-seed7-step4000.png`.
 */
export function samplePath(request: SampleRequest, run: string, step: number, averaged: boolean): string {
  if (request.out !== undefined) return request.out;
  const name = [
    request.as,
    `seed${request.seed}`,
    `step${step}`,
    ...(averaged ? [] : ["latest"]),
    ...(request.class === undefined ? [] : [`class-${request.class.replaceAll(/[^\w.-]+/g, "_")}`]),
    ...(request.truncation === undefined ? [] : [`truncation${request.truncation}`]),
  ].join("-");
  return join(run, "samples", `${name}${{ grid: ".png", walk: ".gif", files: "" }[request.as]}`);
}
