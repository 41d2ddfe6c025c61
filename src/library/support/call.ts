/**
 * What all calls have in common that work for a while: who is told how it goes, and what ends them.
 */
import type { Context } from "../../app/context.ts";
import type { ImagesOptions } from "../../app/data/images-options.ts";
import type { MeasurementOptions } from "../../app/evaluate/request.ts";
import type { GeneratorOptions } from "../../app/sample/options.ts";
import { PREPROCESSINGS, RESIZES } from "../../data/decode/preprocessing.ts";
import { SPLITS, UNLABELED } from "../../data/store/store.ts";
import * as kind from "./check.ts";
import { contextOf, type Listeners } from "./listeners.ts";
import { forProgram } from "./program-words.ts";

/** Who is told how it goes, and what ends it. */
export interface Interruptible extends Listeners {
  /** Aborting ends the call. */
  readonly signal?: AbortSignal;
}

/** The kinds of the options that every call has. */
export const INTERRUPTIBLE: kind.Kinds<Interruptible> = {
  signal: kind.abortSignal,
  onLine: kind.callback,
  onWarning: kind.callback,
};

/** Those of a choice of the engine. */
export const ENGINE = { device: kind.text, threads: kind.whole(0) };

/** Those of a choice of the checkpoint. */
export const CHECKPOINT: kind.Kinds<Pick<GeneratorOptions, "step" | "best">> = {
  step: kind.whole(0),
  best: kind.truth,
};

/** Those of a choice of images. */
export const IMAGES: kind.Kinds<ImagesOptions> = {
  data: kind.text,
  split: kind.oneOf(...SPLITS),
  preprocessing: kind.oneOf(...PREPROCESSINGS),
  resize: kind.oneOf(...RESIZES),
  unlabeled: kind.oneOf(...UNLABELED),
};

/** Those of what is measured. */
export const MEASUREMENT: kind.Kinds<MeasurementOptions> = {
  protocol: kind.text,
  metrics: kind.texts,
  features: kind.text,
  samples: kind.whole(0),
  repeats: kind.whole(1, 100),
  threads: kind.whole(0),
};

/**
 * Do the work of a call whose options have been checked.
 * @param call the options, with listeners and signal among them
 * @param work gets the other options, and who is told
 * @throws what the work throws; of a mistake of the caller in the terms of a program
 */
export function working<C extends Interruptible, T>(
  call: C,
  work: (options: Omit<C, keyof Interruptible>, context: Context) => Promise<T>,
): Promise<T> {
  const { onLine, onWarning, signal, ...options } = call;
  return forProgram(work(options, contextOf({ onLine, onWarning }, signal)));
}
