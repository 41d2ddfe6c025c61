/**
 * At what size the paper's experiments are repeated. Everything in which a scale differs from the
 * paper's presets stands here, and is printed by `reproduce --dry-run` and beside every table. What
 * is not named is the paper's: optimizer, losses, batch, order of updates.
 */
import { ONLINE_DEFAULTS, type OnlineSettings } from "../online/settings.ts";
import { FULL_FEATURES, PROTOCOL } from "../probe/protocol.ts";

/** How the representation of finished runs is probed (table 3). */
export interface ProbeScale {
  /** Numbers a block's map is pooled to at the most. */
  readonly limit: number;
  /** Images of each part at the most; undefined takes all. */
  readonly images: { readonly train: number; readonly test: number } | undefined;
  readonly epochs: number;
  readonly seeds: number;
}

/** A size of a reproduction: how long its runs are, and how they are measured. */
export interface Scale {
  readonly description: string;
  /**
   * Generator steps of every run; `--steps` says otherwise. Runs that exist go on, so a longer
   * reproduction is not a new one.
   */
  readonly steps: number;
  /** Configuration of every run. */
  readonly set: Readonly<Record<string, number | string>>;
  /**
   * The same where the experiment does not say it itself: the robustness study has its own number
   * of discriminator steps.
   */
  readonly main: Readonly<Record<string, number>>;
  /** How often, and on how many samples, runs are measured: no part of what a run is. */
  readonly measuring: Readonly<Record<string, number | string>>;
  /** Seeds 1 … n of the two models every figure needs (`main`), and of all others. */
  readonly seeds: { readonly main: number; readonly side: number };
  /** Rows of table 2 that are run unless `--rows` names others; undefined for all. */
  readonly rows: readonly string[] | undefined;
  readonly probe: ProbeScale;
  readonly online: OnlineSettings;
}

/** Every scale, the largest first. */
export const SCALES = {
  paper: {
    description:
      "the paper's networks and lengths: 100,000 generator steps (ImageNet 1,000,000), three seeds; a matter of GPUs",
    steps: 100_000,
    set: {},
    main: {},
    measuring: {
      "training.evaluateEvery": 10_000,
      "training.evaluateSamples": 10_000,
      "training.probeEvery": 10_000,
      "training.checkpointEvery": 5000,
      "training.sampleEvery": 5000,
      "training.keepCheckpoints": 2,
      "training.keepBest": "none",
    },
    seeds: { main: 3, side: 3 },
    rows: undefined,
    probe: { limit: FULL_FEATURES, images: undefined, epochs: PROTOCOL.epochs, seeds: 3 },
    online: { ...ONLINE_DEFAULTS, network: { ...ONLINE_DEFAULTS.network, width: 128 } },
  },
  laptop: {
    description:
      "what two CPU cores carry in about a day: narrow networks, short runs, one discriminator step",
    steps: 10_000,
    set: { "generator.width": 32, "discriminator.width": 32 },
    main: { "training.discIters": 1 },
    measuring: {
      "training.evaluateEvery": 1000,
      "training.evaluateSamples": 10_000,
      "training.probeEvery": 1000,
      "training.checkpointEvery": 500,
      "training.sampleEvery": 1000,
      "training.keepCheckpoints": 2,
      "training.keepBest": "none",
    },
    seeds: { main: 2, side: 1 },
    rows: ["sn-b0-d1", "gp1-b0-d1", "sn-b5-d1"],
    probe: { limit: 2048, images: { train: 10_000, test: 10_000 }, epochs: 30, seeds: 3 },
    online: ONLINE_DEFAULTS,
  },
  tiny: {
    description: "minutes: shows that everything works, and nothing about the paper",
    steps: 20,
    set: {
      "data.resolution": 16,
      "generator.width": 8,
      "generator.latentSize": 8,
      "discriminator.width": 8,
      "training.batchSize": 16,
    },
    main: { "training.discIters": 1 },
    measuring: {
      "training.evaluateEvery": 10,
      "training.evaluateSamples": 64,
      "training.probeEvery": 10,
      "training.checkpointEvery": 5,
      "training.sampleEvery": 1000,
      "training.keepCheckpoints": 1,
      "training.keepBest": "none",
    },
    seeds: { main: 1, side: 1 },
    rows: ["sn-b0-d1", "gp1-b0-d1"],
    probe: { limit: 64, images: { train: 64, test: 64 }, epochs: 5, seeds: 2 },
    online: {
      ...ONLINE_DEFAULTS,
      resolution: 16,
      network: { ...ONLINE_DEFAULTS.network, width: 8 },
      batchSize: 8,
      rotatedBatch: 16,
      learningRate: 2e-3,
      taskIterations: 10,
      evaluateEvery: 5,
      testImages: 20,
    },
  },
} as const satisfies Readonly<Record<string, Scale>>;

export type ScaleName = keyof typeof SCALES;
