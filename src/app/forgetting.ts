/** The use case `forgetting`: how much a classifier forgets whose task keeps changing. */
import { resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { withoutUndefined } from "../base/without-undefined.ts";
import { ONLINE_DEFAULTS, type OnlineSettings, type OnlineVariation } from "../studies/online/settings.ts";
import type { Context } from "./context.ts";
import { runStudy, type StudyOutcome } from "./online-study.ts";
import type { EngineChoice } from "./support/engine-choice.ts";

/**
 * The study; the paper's where nothing else is given (docs/studies.md). On the processor unless
 * given.
 */
export interface ForgettingOptions extends EngineChoice {
  /** Labeled images: `cifar10:PATH`, … */
  readonly data: string;
  /** Folder of the study; `studies/online` unless given. */
  readonly out?: string | undefined;
  /** Of weights and batches; 1 unless given. */
  readonly seed?: number | undefined;
  /** Channels of the classifier's blocks; 32 unless given. */
  readonly width?: number | undefined;
  /** Iterations of each task; 1000 unless given. */
  readonly iterations?: number | undefined;
  /** How often all tasks are gone through; 2 unless given. */
  readonly cycles?: number | undefined;
  /** Images of a batch; 64 unless given. */
  readonly batch?: number | undefined;
  /** Iterations between two measurements; 100 unless given. */
  readonly evaluateEvery?: number | undefined;
  /**
   * Iterations into each task after which accuracy is measured as well; 5, 10, 20 and 50 unless
   * given.
   */
  readonly evaluateAfter?: readonly number[] | undefined;
  /** Test images of the class, and as many others; 1000 unless given. */
  readonly testImages?: number | undefined;
  /** Images in the rotation task, four turns of each: a multiple of 4; 64 unless given. */
  readonly rotatedBatch?: number | undefined;
  /** Weight of the rotation loss; 1 unless given. */
  readonly beta?: number | undefined;
  readonly learningRate?: number | undefined;
  /** Momentum of plain gradient descent, 0 to 0.999, instead of Adam. */
  readonly momentum?: number | undefined;
  /** Whether rotated images are asked about the class as well. */
  readonly labelRotated?: boolean | undefined;
  /** Whether the head begins anew at every switch. */
  readonly freshHead?: boolean | undefined;
  /** Whether batches have as many images of the class as the data, not half. */
  readonly naturalBalance?: boolean | undefined;
  /** Whether weights are spectrally normalized; they are unless this is false. */
  readonly spectralNorm?: boolean | undefined;
  /** Whether a linear classifier is fitted to the features at every switch. */
  readonly readOut?: boolean | undefined;
}

/** What came out of the study. */
export interface ForgettingOutcome extends StudyOutcome {
  /** Folder of the study, absolute. */
  readonly dir: string;
}

/**
 * Run what is missing of the study. Aborting saves, and ends with what there is.
 * @throws UserError for everything a user can put right
 */
export async function studyForgetting(
  options: ForgettingOptions,
  context: Context,
): Promise<ForgettingOutcome> {
  const { data: source, device, threads } = options;
  const settings = settingsOf(options);
  const dir = resolve(options.out ?? "studies/online");
  return { ...(await runStudy({ source, dir, settings, device, threads }, context)), dir };
}

/** Images of the class that a linear classifier is fitted to, and as many others. */
const READ_OUT_IMAGES = 1000;

function settingsOf(options: ForgettingOptions): OnlineSettings {
  const { width, rotatedBatch } = options;
  const given: Partial<OnlineSettings> = withoutUndefined({
    seed: options.seed,
    taskIterations: options.iterations,
    cycles: options.cycles,
    evaluateEvery: options.evaluateEvery,
    evaluateAfter: options.evaluateAfter && [...options.evaluateAfter].sort((a, b) => a - b),
    batchSize: options.batch,
    testImages: options.testImages,
    beta: options.beta,
    learningRate: options.learningRate,
  });
  const settings = { ...ONLINE_DEFAULTS, ...given };
  const max = 4 * settings.batchSize;
  if (rotatedBatch !== undefined && (rotatedBatch % 4 !== 0 || rotatedBatch < 4 || rotatedBatch > max))
    throw new UserError(
      `${option("rotatedBatch", rotatedBatch)}: every image comes in four turns.`,
      `Give a multiple of 4, up to ${max} for batches of ${settings.batchSize}.`,
    );
  const variation = variationOf(options);
  return {
    ...settings,
    rotatedBatch: rotatedBatch ?? Math.min(ONLINE_DEFAULTS.rotatedBatch, max),
    network: {
      ...settings.network,
      ...(width !== undefined && { width }),
      ...(options.spectralNorm === false && { spectralNorm: false }),
    },
    ...(options.readOut && { readOut: READ_OUT_IMAGES }),
    ...(Object.keys(variation).length > 0 && { variation }),
  };
}

const variationOf = ({ momentum, ...options }: ForgettingOptions): OnlineVariation => ({
  ...(options.labelRotated && { labelRotated: true }),
  ...(options.freshHead && { freshHead: true }),
  ...(momentum !== undefined && { momentum }),
  ...(options.naturalBalance && { naturalBalance: true }),
});
