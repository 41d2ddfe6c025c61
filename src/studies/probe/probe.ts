/**
 * The linear probe (paper §4.4, tables 3 to 5): how well a linear classifier tells the classes of images from what each block of the
 * discriminator makes of them. The paper names logistic regression on every block and three seeds; the rest of the protocol is ours and
 * stands in `PROTOCOL`.
 */
import { UserError } from "../../base/errors.ts";
import { randomStream } from "../../base/random.ts";
import type { ImageStore } from "../../data/store.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Inspector } from "../../objectives/inspector.ts";
import { extractFeatures } from "./features.ts";
import { type LabelledFeatures, type RegressionOptions, softmaxRegression } from "./softmax-regression.ts";
import { applyScaling, measureScaling } from "./standardise.ts";

/** How a probe is made. */
export interface ProbeOptions {
  readonly regression: RegressionOptions;
  /** One regression each; they differ in the order of the batches. */
  readonly seeds: readonly number[];
  /** Images of each part at the most, spread evenly; all if left out. */
  readonly images?: number | undefined;
  /** Aborting ends the probe with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** SGD with momentum 0.9, step 0.1 · batch / 256 falling along a cosine, L2 10⁻⁴, 100 epochs. */
export const PROTOCOL: RegressionOptions = {
  epochs: 100,
  batchSize: 256,
  learningRate: 0.1,
  momentum: 0.9,
  weightDecay: 1e-4,
};

/** How one block did. */
export interface BlockScore {
  readonly block: string;
  readonly dimensions: number;
  /** Top-1 accuracy on the test images: mean and standard deviation over the seeds. */
  readonly mean: number;
  readonly sd: number;
  readonly scores: readonly number[];
}

/** A probe's result. */
export interface ProbeResult {
  readonly blocks: readonly BlockScore[];
  /** Name of the block with the highest mean. */
  readonly best: string;
  readonly classes: number;
  readonly trainImages: number;
  readonly testImages: number;
}

/** Told which block is being worked on, and how far it is. */
export type ProbeProgress = (
  block: string,
  phase: "features" | "regression",
  done: number,
  total: number,
) => void;

/**
 * Probe every block. The engine must hold the discriminator's state. Blocks are taken one after another, so that only one block's
 * features are in memory.
 * @throws UserError when the images have no labels, the parts have different classes, or there are fewer images than a batch
 */
export async function probe(
  engine: Engine,
  program: Inspector,
  data: { readonly train: ImageStore; readonly test: ImageStore },
  options: ProbeOptions,
  onProgress?: ProbeProgress,
): Promise<ProbeResult> {
  const classes = checkLabels(data.train, data.test);
  const picks = {
    train: spread(data.train.count, options.images),
    test: spread(data.test.count, options.images),
  };
  const regression = fitBatch(options.regression, picks.train.length);
  const blocks: BlockScore[] = [];
  for (const { name, dimensions } of program.blocks) {
    const load = async (part: "train" | "test"): Promise<LabelledFeatures> => {
      options.signal?.throwIfAborted();
      const indices = picks[part];
      const report = (done: number, total: number) => onProgress?.(name, "features", done, total);
      const { [name]: features } = await extractFeatures(
        engine,
        program,
        data[part],
        indices,
        [name],
        report,
      );
      return { features: features!, labels: indices.map((index) => data[part].labels![index]!) };
    };
    const train = await load("train");
    const test = await load("test");
    const scaling = measureScaling(train.features, dimensions);
    applyScaling(train.features, scaling);
    applyScaling(test.features, scaling);
    const scores: number[] = [];
    for (const seed of options.seeds) {
      options.signal?.throwIfAborted();
      onProgress?.(name, "regression", scores.length, options.seeds.length);
      const stream = randomStream(seed, `probe ${name}`);
      const { top1 } = await softmaxRegression(
        engine,
        train,
        test,
        { dimensions, classes },
        regression,
        stream,
      );
      scores.push(top1);
    }
    blocks.push({ block: name, dimensions, ...meanAndDeviation(scores), scores });
  }
  const best = blocks.reduce((a, b) => (b.mean > a.mean ? b : a)).block;
  return { blocks, best, classes, trainImages: picks.train.length, testImages: picks.test.length };
}

function checkLabels(train: ImageStore, test: ImageStore): number {
  const names = train.classNames;
  if (!train.labels || !test.labels || !names)
    throw new UserError(
      `${train.summary.name} has no class labels, and a probe is about telling classes.`,
      "Give labelled images with --data: cifar10:PATH, or a folder with one folder for each class.",
    );
  if (names.join("\n") !== test.classNames?.join("\n"))
    throw new UserError(
      "The training and the test images have different classes.",
      `They are ${names.join(", ")} and ${test.classNames?.join(", ") ?? "none"}.`,
    );
  return names.length;
}

/** Small sets get a smaller batch, with a step size in proportion. */
function fitBatch(options: RegressionOptions, images: number): RegressionOptions {
  const batchSize = Math.min(options.batchSize, images);
  return { ...options, batchSize, learningRate: (options.learningRate * batchSize) / options.batchSize };
}

/** `wanted` of `count` numbers, spread evenly; all of them if there are not more. */
function spread(count: number, wanted = count): number[] {
  const size = Math.min(count, wanted);
  return Array.from({ length: size }, (_, i) => Math.floor((i * count) / size));
}

/** Mean and sample standard deviation (0 for one value). */
export function meanAndDeviation(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
