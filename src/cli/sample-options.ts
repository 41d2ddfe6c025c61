/** What `sample` is asked to make, and the names of the files it makes. */
import { extname, join } from "node:path";
import { UserError } from "../base/errors.ts";
import { scaleFor } from "../training/enlarge.ts";
import type { LatentDistribution } from "../training/settings.ts";
import type { CommandOptions } from "./command.ts";

/** What to make: one grid, one file an image, or a walk through latent space. */
export type SampleKind = "grid" | "files" | "walk";

/** The options of `sample`, checked. */
export interface SampleRequest {
  readonly kind: SampleKind;
  /** With a walk: whether every frame is written as a file too. */
  readonly frameFiles: boolean;
  readonly count: number;
  readonly frames: number;
  readonly seed: number;
  /** Class wanted, by name or number; undefined: of all classes. */
  readonly className: string | undefined;
  /** Whether a grid of a conditional generator has a row for each class: nothing else was asked for. */
  readonly byClass: boolean;
  /** Latent numbers beyond this are drawn again. */
  readonly truncation: number | undefined;
  /** Averaged weights or the latest; undefined: averaged where the run has them. */
  readonly averaged: boolean | undefined;
  /** The checkpoint's step; undefined: the newest. */
  readonly step: number | undefined;
  /** Every pixel becomes a square of so many; undefined: as it suits the kind. */
  readonly scale: number | undefined;
  readonly out: string | undefined;
}

/** @throws UserError for options that are out of range or contradict each other */
export function readSampleRequest(options: CommandOptions): SampleRequest {
  const walk = options.flag("interpolate") === true;
  const files = options.flag("files") === true;
  if (!walk && options.text("frames") !== undefined)
    throw new UserError(
      "--frames is given without --interpolate.",
      "Add --interpolate, or use --count for the number of images.",
    );
  const kind: SampleKind = walk ? "walk" : files ? "files" : "grid";
  const out = options.text("out");
  const extension = out === undefined ? "" : extname(out).toLowerCase();
  const wanted = { grid: ".png", walk: ".gif", files: "" }[kind];
  if (out !== undefined && wanted !== "" && extension !== wanted)
    throw new UserError(
      `--out ${out}: a ${kind === "walk" ? "walk is a GIF" : "grid is a PNG"}.`,
      `Let the name end in ${wanted}.`,
    );
  if (out !== undefined && kind === "files" && [".png", ".jpg", ".gif"].includes(extension))
    throw new UserError(
      `--out ${out}: with --files it names a folder.`,
      "Leave --files out to get one picture.",
    );
  return {
    kind,
    frameFiles: walk && files,
    count:
      options.number("count", { whole: true, min: 1, max: kind === "files" ? 1_000_000 : 1024 }) ??
      (walk ? 16 : 64),
    className: options.text("class"),
    byClass: kind === "grid" && options.text("count") === undefined && options.text("class") === undefined,
    frames: options.number("frames", { whole: true, min: 4, max: 1000 }) ?? 48,
    seed: options.number("seed", { whole: true, min: 0 }) ?? 0,
    truncation: options.number("truncation", { min: 0.05, max: 10 }),
    averaged: options.flag("ema"),
    step: options.number("step", { whole: true, min: 1 }),
    scale: options.number("scale", { whole: true, min: 1, max: 64 }),
    out,
  };
}

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
      `--scale ${scale} would make a picture of ${scale * width}×${scale * height} pixels.`,
      `${LONGEST} pixels a side are the most: ask for a smaller --scale or --count.`,
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
      `--truncation ${truncation} would change nothing: the latent numbers of this run are uniform in [-1, 1].`,
      "Use a bound below 1, for example --truncation 0.5, or leave it out.",
    );
}

/**
 * Where the result goes: a file, or with `files` a folder. The name says what made it, so nothing is written over by accident.
 * For example `runs/emoji-32/samples/grid-seed7-step4000.png`.
 */
export function samplePath(request: SampleRequest, run: string, step: number, averaged: boolean): string {
  if (request.out !== undefined) return request.out;
  const name = [
    request.kind,
    `seed${request.seed}`,
    `step${step}`,
    ...(averaged ? [] : ["latest"]),
    ...(request.className === undefined ? [] : [`class-${request.className.replaceAll(/[^\w.-]+/g, "_")}`]),
    ...(request.truncation === undefined ? [] : [`truncation${request.truncation}`]),
  ].join("-");
  return join(run, "samples", `${name}${{ grid: ".png", walk: ".gif", files: "" }[request.kind]}`);
}
