/** How fast training would be: real steps of the real loop, whose pictures and checkpoints go nowhere. In Node and in a page. */
import { drawRandomImages, labelsOf, randomImages } from "../data/batches.ts";
import { trainedOn } from "../data/mirror.ts";
import { supplyBatches } from "../data/read-ahead.ts";
import type { ImageStore } from "../data/store.ts";
import type { Engine } from "../engine/engine.ts";
import { microBatch } from "../objectives/settings.ts";
import type { Steps } from "../objectives/steps.ts";
import type { Speed } from "./estimate.ts";
import { train } from "./loop.ts";
import type { Recorder } from "./recorder.ts";
import { GRID_SIZE } from "./sampling.ts";
import type { LoopConfig } from "./settings.ts";

/** Steps that are run; the first, which also allocates, is not counted. */
export const MEASURED_STEPS = 4;

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
  const supply = supplyBatches(trainedOn(store, config.data.mirror), microBatch(config), training.seed);
  await train({
    config: {
      ...config,
      training: { ...training, steps: MEASURED_STEPS, sampleEvery: Number.MAX_SAFE_INTEGER },
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
      if (event.kind === "step" && event.step > 1) stepSeconds.push(event.stepSeconds);
    },
  }).finally(supply.close);
  stepSeconds.sort((a, b) => a - b);
  return { stepSeconds: stepSeconds[Math.floor(stepSeconds.length / 2)] ?? Number.NaN, sampleSeconds };
}
