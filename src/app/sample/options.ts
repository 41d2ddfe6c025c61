/** What `sample` is asked to make. */
import { extname } from "node:path";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { EngineChoice } from "../support/engine-choice.ts";

/** What to make: one grid, one file an image, or a walk through latent space. */
export type SampleKind = "grid" | "files" | "walk";

/** Which latent vectors images are made of, and how many. */
export interface LatentOptions {
  /** Images; 64 unless given, and 16 of a walk. */
  readonly count?: number | undefined;
  /** More images of the same seed begin with the same ones; 0 unless given. */
  readonly seed?: number | undefined;
  /** Class by name or number, of a conditional generator; of all classes unless given. */
  readonly class?: string | undefined;
  /** Latent numbers beyond this are drawn again. */
  readonly truncation?: number | undefined;
}

/** Which generator of a run. */
export interface GeneratorOptions {
  /** A run folder. */
  readonly run: string;
  /** Of the checkpoint. */
  readonly step?: number | undefined;
  /**
   * True: the checkpoint measured best; false: the newest; else the best where it was measured
   * surely better.
   */
  readonly best?: boolean | undefined;
  /** Averaged weights: where the run has them unless given. */
  readonly ema?: boolean | undefined;
}

/** What to make. */
export interface SampleOptions extends GeneratorOptions, LatentOptions, EngineChoice {
  /** A grid unless given. */
  readonly as?: SampleKind | undefined;
  /** With a walk: whether every frame is written as a file too. */
  readonly frameFiles?: boolean | undefined;
  /** Frames of a walk; 48 unless given. */
  readonly frames?: number | undefined;
  /** Every pixel becomes a square of so many; as it suits the kind unless given. */
  readonly scale?: number | undefined;
  /** A file, or a folder for single files; below the run unless given. */
  readonly out?: string | undefined;
}

/** The same, with what is meant where nothing was said. */
export interface SampleRequest extends SampleOptions {
  readonly as: SampleKind;
  readonly count: number;
  readonly frames: number;
  readonly seed: number;
  /**
   * Whether a grid of a conditional generator has a row for each class: nothing else was asked for.
   */
  readonly byClass: boolean;
}

/**
 * What is sampled, with all that was left out filled in.
 * @throws UserError for a place that cannot hold what is asked for
 */
export function sampleRequest(options: SampleOptions): SampleRequest {
  const { as = "grid", frames = 48, seed = 0, out } = options;
  if (out !== undefined) refuseOtherFile(out, as);
  return {
    ...{ ...options, as, frames, seed },
    count: options.count ?? (as === "walk" ? 16 : 64),
    byClass: as === "grid" && options.count === undefined && options.class === undefined,
  };
}

function refuseOtherFile(out: string, as: SampleKind): void {
  const extension = extname(out).toLowerCase();
  const wanted = { grid: ".png", walk: ".gif", files: "" }[as];
  if (wanted !== "" && extension !== wanted)
    throw new UserError(
      `${option("out", out)}: a ${as === "walk" ? "walk is a GIF" : "grid is a PNG"}.`,
      `Let the name end in ${wanted}.`,
    );
  if (as === "files" && [".png", ".jpg", ".gif"].includes(extension))
    throw new UserError(
      `${option("out", out)}: with ${option("as", "files")} it names a folder.`,
      `Leave ${option("as", "files")} out to get one picture.`,
    );
}
