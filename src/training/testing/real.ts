/**
 * For tests: the real objective and engine in little, with everything that depends on where in the
 * updates and in the data a run is.
 */
import { randomStream } from "../../base/random.ts";
import { memoryStore } from "../../data/store/memory-store.ts";
import { createEngine } from "../../engine/node.node.ts";
import { STANDARD_TARGET, type Target } from "../../graph/index.ts";
import { buildSteps } from "../../objectives/build.ts";
import { parseConfig } from "../config/check.ts";
import type { Config } from "../config/schema.ts";
import type { TrainEvent } from "../events.ts";
import { openRun } from "../run/folder/run-folder.node.ts";
import { runTraining } from "../run/run.node.ts";

/**
 * Three updates of the discriminator a step and a penalty in every fourth, so that checkpoints lie
 * anywhere between two penalties; a loss that takes batches for both networks; mirrored images;
 * micro-batches; averaged grids with statistics of their own; auxiliary losses that draw numbers
 * and keep moving averages.
 */
export const REAL_CONFIG = parseConfig({
  "data.resolution": 16,
  "data.mirror": true,
  "generator.architecture": "pyramid",
  "generator.width": 4,
  "generator.latentSize": 8,
  "generator.statistics": "standing",
  "generator.standingSamples": 32,
  "discriminator.architecture": "pyramid",
  "discriminator.width": 4,
  "discriminator.spectralNorm": false,
  "objective.loss": "relativistic",
  "objective.penalty": "r1-r2",
  "objective.penaltyEvery": 4,
  "objective.lambda": 0.5,
  "objective.rotatedBatch": 8,
  "objective.auxiliary": "zcr:2:0.1,lecam:0.3",
  "training.batchSize": 8,
  "training.accumulate": 2,
  "training.discIters": 3,
  "training.augment": "translation",
  "training.steps": 7,
  "training.ema": 0.9,
  "training.emaStart": 1,
  "training.checkpointEvery": 2,
  "training.sampleEvery": 3,
  "engine.device": "cpu",
  "engine.threads": 1,
});

/**
 * ADA beside everything else: a probability that moves by an eighth in each update, micro-batches,
 * a penalty in every second update. Checkpoints lie where it is neither 0 nor 1.
 */
export const ADAPTIVE_CONFIG: Config = {
  ...REAL_CONFIG,
  objective: {
    ...REAL_CONFIG.objective,
    loss: "non-saturating",
    penalty: "r1",
    penaltyEvery: 2,
    auxiliary: "lecam:0.3",
  },
  training: {
    ...REAL_CONFIG.training,
    augment: "translation,cutout",
    adaptive: "ada",
    adaptiveTarget: 0,
    adaptiveImages: 0.064,
  },
};

/** Configurations by the names that a process of its own is told. */
export const CONFIGS = { real: REAL_CONFIG, adaptive: ADAPTIVE_CONFIG } as const;

/** Thirty images of noise that is brighter on the left. */
function store() {
  const stream = randomStream(1, "pictures");
  const images = Uint8Array.from({ length: 30 * 16 * 16 * 3 }, (_, i) => {
    const column = Math.floor(i / 3) % 16;
    return Math.floor(255 - column * 12 - stream.uniform() * 60);
  });
  return memoryStore({ images, size: 16, hash: "bright on the left" });
}

/** How a training differs from the ordinary. */
export interface RealSession {
  readonly config?: Config;
  /** Other networks than the configuration has. */
  readonly networks?: Config;
  /** Abort as soon as this many generator steps are done. */
  readonly abortAt?: number;
  readonly onEvent?: (event: TrainEvent) => void;
}

const withTraining = ({ training }: Target): Pick<Target, "training"> => (training ? { training } : {});

/** Train in an engine of its own, or go on, until the end or the abort. */
export async function trainReal(dir: string, options: RealSession = {}): Promise<void> {
  const { config = REAL_CONFIG, networks = config, abortAt, onEvent } = options;
  const engine = await createEngine(config.engine);
  const abort = new AbortController();
  try {
    const run = await openRun({ config, dir });
    try {
      await runTraining({
        run,
        config,
        // In the plain layout, but for training steps that the engine interprets.
        steps: buildSteps(networks, { ...STANDARD_TARGET, ...withTraining(engine.target) }),
        engine,
        store: store(),
        signal: abort.signal,
        onEvent: (event) => {
          onEvent?.(event);
          if (event.kind === "step" && event.step === abortAt) abort.abort();
        },
      });
    } finally {
      await run.close();
    }
  } finally {
    await engine.close();
  }
}
