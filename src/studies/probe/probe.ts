/**
 * The linear probe (paper §4.4, tables 3 to 5): how well a linear classifier tells the classes of
 * images from what each block of the discriminator makes of them. The paper names logistic
 * regression on every block and three seeds; the rest of the protocol is ours and stands in
 * protocol.ts.
 */

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { meanAndStdDev } from "../../base/math/statistics.ts";
import { option } from "../../base/option-names.ts";
import { randomStream } from "../../base/random.ts";
import { whyNoClasses } from "../../data/advice.ts";
import { type ImageStore, NO_LABEL } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import type { DiscriminatorProgram, FeatureBlock } from "../../objectives/programs/discriminator-program.ts";
import { extractFeatures } from "./features.ts";
import { type RegressionOptions, softmaxRegression } from "./softmax-regression.ts";
import { applyScaling, measureScaling } from "./standardize.ts";

/** How a probe is made. */
export interface ProbeOptions {
  readonly regression: RegressionOptions;
  /** One regression each; they differ in the order of the batches. */
  readonly seeds: readonly number[];
  /** Images of each part at the most, spread evenly; all if left out. */
  readonly images?: { readonly train: number; readonly test: number } | undefined;
  /** Aborting ends the probe with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

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

/** What a probe's result that was kept must say. */
export const probeResultSchema: z.ZodType<ProbeResult> = z.object({
  blocks: z.array(
    z.object({
      block: z.string(),
      dimensions: z.int().min(0),
      mean: z.number(),
      sd: z.number(),
      scores: z.array(z.number()),
    }),
  ),
  best: z.string(),
  classes: z.int().min(0),
  trainImages: z.int().min(0),
  testImages: z.int().min(0),
});

/** Told which block is being worked on, and how far it is. */
export type ProbeProgress = (
  block: string,
  phase: "features" | "regression",
  done: number,
  total: number,
) => void;

/**
 * Probe every block. The engine must hold the discriminator's state; it is only read. Large
 * features are made and used one block after another, so that only one block's are in memory; small
 * ones in one pass over the images.
 * @throws UserError when the images have no labels, the parts have different classes, or there are
 * fewer images than a batch
 */
export async function probe(
  engine: Engine,
  program: DiscriminatorProgram,
  data: { readonly train: ImageStore; readonly test: ImageStore },
  options: ProbeOptions,
  onProgress?: ProbeProgress,
): Promise<ProbeResult> {
  const classes = checkLabels(data.train, data.test);
  const some = (part: "train" | "test"): number[] => {
    const labeled = labeledIn(data[part]);
    return spread(labeled.length, options.images?.[part]).map((place) => labeled[place]!);
  };
  const picks = { train: some("train"), test: some("test") };
  const regression = fitBatch(options.regression, picks.train.length);
  const blocks: BlockScore[] = [];
  const load = async (group: readonly FeatureBlock[], part: "train" | "test"): Promise<Features> => {
    const names = group.map(({ name }) => name);
    const report = (done: number, total: number) => onProgress?.(names.join(", "), "features", done, total);
    return extractFeatures(engine, program, data[part], picks[part], names, report, options.signal);
  };
  const labelsOf = (part: "train" | "test") => picks[part].map((index) => data[part].labels![index]!);
  const labels = { train: labelsOf("train"), test: labelsOf("test") };
  for (const group of groups(program.blocks, picks.train.length + picks.test.length)) {
    const [train, test] = [await load(group, "train"), await load(group, "test")];
    for (const { name, dimensions } of group) {
      const scaling = measureScaling(train[name]!, dimensions);
      applyScaling(train[name]!, scaling);
      applyScaling(test[name]!, scaling);
      const scores: number[] = [];
      for (const seed of options.seeds) {
        options.signal?.throwIfAborted();
        onProgress?.(name, "regression", scores.length, options.seeds.length);
        const { top1 } = await softmaxRegression(
          engine,
          { features: train[name]!, labels: labels.train },
          { features: test[name]!, labels: labels.test },
          { dimensions, classes },
          regression,
          randomStream(seed, `probe ${name}`),
          options.signal,
        );
        scores.push(top1);
      }
      blocks.push({ block: name, dimensions, ...meanAndStdDev(scores), scores });
    }
  }
  const best = blocks.reduce((a, b) => (b.mean > a.mean ? b : a)).block;
  return { blocks, best, classes, trainImages: picks.train.length, testImages: picks.test.length };
}

/** By block, float32 [N, dimensions]. */
type Features = Record<string, Float32Array>;

/**
 * Numbers of all blocks together that are kept in memory at once, unless one block alone has more:
 * 256 MB.
 */
const AT_ONCE = 64 * 1024 * 1024;

/** Blocks in order, as many together as there is room for. */
function groups(blocks: readonly FeatureBlock[], images: number): FeatureBlock[][] {
  const made: FeatureBlock[][] = [];
  let room = 0;
  for (const block of blocks) {
    const size = block.dimensions * images;
    if (size > room) {
      made.push([]);
      room = AT_ONCE;
    }
    made.at(-1)!.push(block);
    room -= size;
  }
  return made;
}

/**
 * Refuse images without classes.
 * @param named how other images are given
 * @throws UserError when the images have no labels
 */
export function checkLabeled({ labels, classNames, summary }: ImageStore, named = option("images")): void {
  if (!labels || !classNames)
    throw new UserError(
      `${summary.name} has no class labels${whyNoClasses(summary)}, and a probe is about telling classes.`,
      `Give labeled images with ${named}: cifar10:PATH, or a folder with one folder for each class.`,
    );
}

/**
 * Check that a probe's training and test images have the same classes.
 * @returns the number of classes
 * @throws UserError when the images have no labels, or the parts have different classes
 */
export function checkLabels(train: ImageStore, test: ImageStore): number {
  for (const part of [train, test]) checkLabeled(part);
  const names = train.classNames!;
  if (names.join("\n") !== test.classNames?.join("\n"))
    throw new UserError(
      "The training and the test images have different classes.",
      `They are ${names.join(", ")} and ${test.classNames?.join(", ") ?? "none"}.`,
    );
  return names.length;
}

/** The images that have a label. @throws UserError when none has */
function labeledIn({ labels, count, summary }: ImageStore): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const labeled = all.filter((index) => labels![index] !== NO_LABEL);
  if (labeled.length > 0) return labeled;
  throw new UserError(
    `None of the ${count} images of ${summary.name} (${summary.split}) has a label, and a probe is about telling classes.`,
    `Give labeled images with ${option("images")}: cifar10:PATH, or a folder with one folder for each class.`,
  );
}

/** Small sets get a smaller batch, with a step size in proportion. */
export function fitBatch(options: RegressionOptions, images: number): RegressionOptions {
  const batchSize = Math.min(options.batchSize, images);
  return { ...options, batchSize, learningRate: (options.learningRate * batchSize) / options.batchSize };
}

/** `wanted` of `count` numbers, spread evenly; all of them if there are not more. */
function spread(count: number, wanted = count): number[] {
  const size = Math.min(count, wanted);
  return Array.from({ length: size }, (_, i) => Math.floor((i * count) / size));
}
