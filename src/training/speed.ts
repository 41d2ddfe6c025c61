/**
 * How fast training would be: real steps of the real loop, whose pictures and checkpoints go
 * nowhere. In Node and in a page.
 */

import { trainedOn } from "../data/decode/mirror.ts";
import { drawRandomImages, labelsOf, randomImages } from "../data/store/batches.ts";
import { supplyBatches } from "../data/store/read-ahead.ts";
import type { ImageStore } from "../data/store/store.ts";
import type { Engine } from "../engine/engine.ts";
import { microBatch } from "../objectives/settings.ts";
import type { Steps } from "../objectives/steps.ts";
import type { Speed } from "./estimate.ts";
import { train } from "./loop/loop.ts";
import type { Recorder } from "./loop/recorder.ts";
import { GRID_SIZE } from "./sampling/sampling.ts";
import type { LoopConfig } from "./settings.ts";

/** Steps that are run at the least; the first, which also allocates, is not counted. */
export const MEASURED_STEPS = 4;
/** And at the most, to see every kind of step. */
const MAX_STEPS = 40;

/** What decides which penalties are in the updates of a step. */
export interface StepKinds {
  /** Updates of the discriminator in a step. */
  readonly discIters: number;
  /** In every how many updates each penalty is. */
  readonly every: readonly number[];
}

/**
 * Which penalties are in the updates of step `step`, counted from 1: steps of one kind do the same
 * work.
 */
const kindOf = (step: number, { discIters, every }: StepKinds): string =>
  Array.from({ length: discIters }, (_, i) =>
    every.map((one) => Number(((step - 1) * discIters + i) % one === 0)).join(""),
  )
    .sort()
    .join(" ");

/** Steps after which the kinds come again, as far as they are looked at. */
function periodOf(kinds: StepKinds): number {
  const { discIters, every } = kinds;
  for (let period = 1; period < MAX_STEPS; period++)
    if (every.every((one) => (period * discIters) % one === 0)) return period;
  return MAX_STEPS;
}

/** Steps to run so that each kind is seen, apart from the first step. */
const stepsToMeasure = (kinds: StepKinds): number =>
  Math.max(MEASURED_STEPS, Math.min(MAX_STEPS, 1 + periodOf(kinds)));

/**
 * What a step takes on average: of each kind the middle time, weighed by how often it comes.
 * @param seconds of each step, from the first on; that one counts only where its kind is not seen
 * again
 */
export function meanStepSeconds(seconds: readonly number[], kinds: StepKinds): number {
  const times = new Map<string, number[]>();
  seconds.forEach((time, i) => {
    if (i === 0) return;
    const kind = kindOf(i + 1, kinds);
    times.set(kind, [...(times.get(kind) ?? []), time]);
  });
  const period = periodOf(kinds);
  let sum = 0;
  for (let step = 1; step <= period; step++) {
    const known = [...(times.get(kindOf(step, kinds)) ?? [seconds[0] ?? Number.NaN])].sort((a, b) => a - b);
    sum += known[Math.floor(known.length / 2)]!;
  }
  return sum / period;
}

const kindsOf = ({ training }: LoopConfig, steps: Pick<Steps, "lazy">): StepKinds => ({
  discIters: training.discIters,
  every: (steps.lazy?.schedule ?? []).map(({ every }) => every),
});

/** Steps that `measureSpeed` runs. */
export const measuredSteps = (config: LoopConfig, steps: Pick<Steps, "lazy">): number =>
  stepsToMeasure(kindsOf(config, steps));

/** Measure a training from its beginning. @throws UserError when it diverges at once */
export async function measureSpeed(
  config: LoopConfig,
  steps: Steps,
  engine: Engine,
  store: ImageStore,
): Promise<Speed> {
  const nowhere: Recorder = {
    record: async () => undefined,
    savePicture: async (name) => name,
    // Samples are judged only where that is kept, as it is in every training.
    saveDocument: async (name) => name,
    saveSnapshot: async () => "",
  };
  const stepSeconds: number[] = [];
  let started = 0;
  let sampleSeconds = 0;
  const { training } = config;
  const kinds = kindsOf(config, steps);
  const supply = supplyBatches(trainedOn(store, config.data.mirror), microBatch(config), training.seed);
  await train({
    config: {
      ...config,
      training: { ...training, steps: stepsToMeasure(kinds), sampleEvery: Number.MAX_SAFE_INTEGER },
    },
    steps,
    engine,
    batches: supply,
    reals: drawRandomImages(store, GRID_SIZE, training.seed),
    realLabels: labelsOf(store, randomImages(store, GRID_SIZE, training.seed)),
    recorder: nowhere,
    onEvent(event) {
      if (event.kind === "start") started = performance.now();
      if (event.kind === "sample" && event.step === 0) sampleSeconds = (performance.now() - started) / 1000;
      if (event.kind === "step") stepSeconds.push(event.stepSeconds);
    },
  }).finally(supply.close);
  return { stepSeconds: meanStepSeconds(stepSeconds, kinds), sampleSeconds };
}
