/**
 * The online 1-vs-all study (paper §2 and figure 3): a classifier learns ten binary tasks, "is it
 * of class k?", one after another, each for a thousand iterations, then all of them once more. A
 * GAN's discriminator is in the same place: its task changes under its feet. The figure and the
 * schedule are the paper's; network, optimizer and batch are not given there, and are the SS-GAN
 * discriminator's here.
 */

/** Everything that decides the numbers of a study. */
export interface OnlineSettings {
  readonly seed: number;
  /** Side of the images in pixels. */
  readonly resolution: number;
  readonly network: {
    readonly architecture: "resnet-cifar" | "sngan-resnet";
    /** Channels of the blocks. */
    readonly width: number;
    readonly spectralNorm: boolean;
  };
  /** Images of a batch: half of the task's class, half of the others. */
  readonly batchSize: number;
  /**
   * `rotation` adds β · cross-entropy of the quarter turns of the last `rotatedBatch` / 4 images,
   * as in the discriminator's own step.
   */
  readonly selfSupervision: "rotation" | "none";
  readonly rotatedBatch: number;
  readonly beta: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Iterations of each task. */
  readonly taskIterations: number;
  /** How often all tasks are gone through. */
  readonly cycles: number;
  /** Iterations between two measurements of the accuracy. */
  readonly evaluateEvery: number;
  /**
   * Iterations into each task after which accuracy is measured as well: how fast a classifier
   * recovers from a switch.
   */
  readonly evaluateAfter: readonly number[];
  /** Test images of the class, and as many of the others, that an accuracy is measured on. */
  readonly testImages: number;
  /**
   * Images of the class, and as many others, that a linear classifier is fitted to at every switch,
   * on what the network's features then are. Missing: none is fitted.
   */
  readonly readOut?: number;
  /** How the study departs from the base; missing where it does not. */
  readonly variation?: OnlineVariation;
}

/** What the paper does not say of its study, each another way to read it. */
export interface OnlineVariation {
  /** Rotated images are asked about the class as well, with the labels of the upright ones. */
  readonly labelRotated?: true;
  /** The head that answers begins anew at every switch. */
  readonly freshHead?: true;
  /** Stochastic gradient descent with this momentum instead of Adam. */
  readonly momentum?: number;
  /** Batches have as many images of the class as the data: a tenth where there are ten classes. */
  readonly naturalBalance?: true;
}

/** The schedule of figure 3; the discriminator of the paper at an eighth of its width. */
export const ONLINE_DEFAULTS: OnlineSettings = {
  seed: 1,
  resolution: 32,
  network: { architecture: "resnet-cifar", width: 32, spectralNorm: true },
  batchSize: 64,
  selfSupervision: "none",
  rotatedBatch: 64,
  beta: 1,
  learningRate: 2e-4,
  beta1: 0,
  beta2: 0.9,
  taskIterations: 1000,
  cycles: 2,
  evaluateEvery: 100,
  evaluateAfter: [5, 10, 20, 50],
  testImages: 1000,
};

/** The two sides of the comparison, by the name of their folder. */
export const VARIANTS = {
  vanilla: { title: "vanilla", selfSupervision: "none" },
  rotation: { title: "with the rotation loss", selfSupervision: "rotation" },
} as const;
export type VariantName = keyof typeof VARIANTS;

/** Iterations of the whole study. */
export const totalIterations = (settings: OnlineSettings, tasks: number): number =>
  settings.taskIterations * settings.cycles * tasks;

/**
 * Whether accuracy is measured after so many iterations into a task (1 to `taskIterations`), and as
 * what.
 */
export function measuredAt(
  { taskIterations, evaluateEvery, evaluateAfter }: OnlineSettings,
  into: number,
): "current" | "recovery" | undefined {
  if (into === taskIterations || into % evaluateEvery === 0) return "current";
  return evaluateAfter.includes(into) ? "recovery" : undefined;
}

/** The task at an iteration counted from 0. */
export const taskAt = (settings: OnlineSettings, tasks: number, iteration: number): number =>
  Math.floor(iteration / settings.taskIterations) % tasks;
