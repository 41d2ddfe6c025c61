/**
 * A small SS-GAN trained by the training loop itself, on images drawn from a seed: the same in Node
 * and in a browser, on whatever engine is given.
 */
import { randomStream } from "../../src/base/random.ts";
import { batches } from "../../src/data/store/batches.ts";
import { memoryStore } from "../../src/data/store/memory-store.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Target } from "../../src/graph/index.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { paperSettings } from "../../src/objectives/paper-settings.ts";
import type { Steps } from "../../src/objectives/steps.ts";
import type { StepEvent } from "../../src/training/events.ts";
import { train } from "../../src/training/loop/loop.ts";

/** What is trained. */
export interface SmallTraining {
  /** Side of the images. */
  readonly resolution: number;
  readonly width: number;
  readonly batchSize: number;
  /** Generator steps. */
  readonly steps: number;
}

/** What came of it. */
export interface SmallResult {
  readonly engine: string;
  readonly threads: number;
  readonly losses: readonly { readonly discriminator: number; readonly generator: number }[];
  readonly stepSeconds: readonly number[];
  /** At the end, by name. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

const LATENT = 16;
const SEED = 11;

const settingsOf = ({ resolution, width, batchSize }: SmallTraining) =>
  paperSettings({
    data: { resolution },
    generator: { width, latentSize: LATENT },
    discriminator: { width },
    objective: { rotatedBatch: batchSize },
    training: { batchSize },
  });

/** Its programs. */
const smallSteps = (training: SmallTraining, target: Target): Steps =>
  buildSteps(settingsOf(training), target);

/**
 * Smooth colored patterns: not noise, so that there is something to learn. uint8 [count, S, S, 3]
 */
function patterns(count: number, side: number): Uint8Array {
  const stream = randomStream(SEED, "patterns");
  const images = new Uint8Array(count * side * side * 3);
  for (let n = 0, at = 0; n < count; n++) {
    const [fx, fy, phase] = [stream.uniform() * 0.4, stream.uniform() * 0.4, stream.uniform() * 6];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        for (let c = 0; c < 3; c++)
          images[at++] = Math.round(
            127.5 + 110 * Math.sin(fx * x + fy * y + phase + c) * (1 - y / (2 * side)),
          );
  }
  return images;
}

/** Train on `engine`, which stays open. */
export async function trainSmall(
  engine: Engine,
  training: SmallTraining,
  signal?: AbortSignal,
  onStep: (event: StepEvent) => void = () => undefined,
): Promise<SmallResult> {
  const { resolution, batchSize, steps } = training;
  const images = patterns(256, resolution);
  const store = memoryStore({ images, size: resolution, hash: "patterns" });
  const events: StepEvent[] = [];
  let state: SmallResult["state"] = {};
  await train({
    config: {
      data: { resolution, classes: 0, mirror: false },
      generator: {
        latentSize: LATENT,
        latentDistribution: "normal",
        evaluationLatents: "as-training",
        statistics: "running",
        standingSamples: 64,
      },
      objective: {
        alpha: 0.2,
        alphaEnd: null,
        beta: 1,
        betaEnd: null,
        lambda: 0,
        selfSupervision: "rotation",
        penaltyEvery: 1,
      },
      optimizer: {
        learningRate: 0.0002,
        discriminatorLearningRate: null,
        beta1: 0,
        beta2: 0.9,
        decay: "none",
        decayStart: 0,
        decayRate: 0.96,
        decayEvery: 5000,
      },
      training: {
        steps,
        batchSize,
        accumulate: 1,
        discIters: 1,
        seed: SEED,
        ema: 0.999,
        emaStart: 0,
        checkpointEvery: steps,
        sampleEvery: steps,
        keepCheckpoints: 1,
      },
    },
    steps: smallSteps(training, engine.target),
    engine,
    batches: batches(store, batchSize, SEED),
    reals: images.subarray(0, 64 * resolution * resolution * 3),
    recorder: {
      record: async () => undefined,
      savePicture: async (name) => name,
      saveSnapshot: async (snapshot) => {
        state = snapshot.state;
        return "memory";
      },
    },
    signal,
    onEvent: (event) => {
      if (event.kind !== "step") return;
      events.push(event);
      onStep(event);
    },
  });
  return {
    engine: engine.description,
    threads: engine.threads,
    losses: events.map(({ discriminator, generator }) => ({
      discriminator: discriminator.loss!,
      generator: generator.loss!,
    })),
    stepSeconds: events.map(({ stepSeconds }) => stepSeconds),
    state,
  };
}
