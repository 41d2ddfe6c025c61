/** `sample` as a function: images as numbers rather than files. */

import { type Samples, sampleImages } from "../app/sample/images.ts";
import * as kind from "./support/check.ts";
import { contextOf } from "./support/listeners.ts";
import { forProgram } from "./support/program-words.ts";

/** What to make. */
export interface SampleCall {
  /** Images; 64 unless given. */
  readonly count?: number;
  /** More images of the same seed begin with the same ones; 1 unless given. */
  readonly seed?: number;
  /** Of the checkpoint. */
  readonly step?: number;
  /**
   * True: the checkpoint measured best; false: the newest; else the best where it was measured
   * surely better.
   */
  readonly best?: boolean;
  /** Averaged weights: where the run has them unless given. */
  readonly ema?: boolean;
  /** Latents larger than this in magnitude are drawn again; none unless given. */
  readonly truncation?: number;
  /** Name or number of the class, for a conditional generator; drawn by the seed unless given. */
  readonly class?: string | number;
  readonly device?: string;
  readonly threads?: number;
}

const KINDS: kind.Kinds<SampleCall> = {
  count: kind.whole(1, 1_000_000),
  seed: kind.whole(0),
  step: kind.whole(1),
  best: kind.truth,
  ema: kind.truth,
  truncation: kind.between(0.05, 10),
  class: kind.className,
  device: kind.text,
  threads: kind.whole(0),
};

/**
 * Images of a trained generator; those `quarterturn sample RUN --files` writes for the same seed.
 * @param run a run folder
 * @throws UserError for an unknown option, and when it has no such checkpoint, or no such class
 * @example The color in the middle of each of four images
 * ```ts
 * import { sample } from "quarterturn";
 *
 * const { images, count, size } = await sample("runs/first", { count: 4, seed: 7 });
 * for (let i = 0; i < count; i++) {
 *   const middle = ((i * size + size / 2) * size + size / 2) * 3;
 *   console.log(images.subarray(middle, middle + 3));
 * }
 * ```
 */
export async function sample(run: string, call: SampleCall = {}): Promise<Samples> {
  kind.checkRun("sample", run);
  kind.checkCall<SampleCall>("sample", call, KINDS);
  const { class: name, seed = 1, ...options } = call;
  const className = name === undefined ? undefined : String(name);
  return forProgram(sampleImages({ ...options, run, seed, class: className }, contextOf({})));
}
