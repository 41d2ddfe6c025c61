/**
 * What the classifier of the online study says of images, and what could be read from its features.
 */
import { randomStream } from "../../base/random.ts";
import { imageBytes } from "../../data/store/store.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { type RegressionOptions, softmaxRegression } from "../probe/softmax-regression.ts";
import { applyScaling, measureScaling } from "../probe/standardize.ts";
import { PREDICTION_BATCH } from "./programs.ts";
import type { TaskBatch } from "./tasks.ts";

/** The results of `predictor` for images uint8 [N, S, S, 3], batch after batch. */
async function predictBatches(
  { images, targets }: TaskBatch,
  predictor: Executable,
  side: number,
  take: (results: Readonly<Record<string, ArrayLike<number | bigint>>>, start: number, size: number) => void,
): Promise<void> {
  const bytes = imageBytes(side);
  const count = targets.length;
  for (let start = 0; start < count; start += PREDICTION_BATCH) {
    const batch = new Uint8Array(PREDICTION_BATCH * bytes);
    const size = Math.min(PREDICTION_BATCH, count - start);
    batch.set(images.subarray(start * bytes, (start + size) * bytes));
    take(await predictor.run({ images: batch }), start, size);
  }
}

/** Share of test images whose logit is on the right side of 0. */
export async function accuracyOn(test: TaskBatch, predictor: Executable, side: number): Promise<number> {
  let right = 0;
  await predictBatches(test, predictor, side, ({ score }, start, size) => {
    for (let i = 0; i < size; i++) if (Number(score![i]) > 0 === (test.targets[start + i] === 1)) right++;
  });
  return right / test.targets.length;
}

/** As the linear probe's, with batches for a few thousand images. */
const READ_OUT: RegressionOptions = {
  epochs: 50,
  batchSize: 100,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 1e-3,
};

/**
 * How well a linear classifier on the features as they are tells a task: fitted to `train`,
 * measured on `test`. The features are what the network's own head reads, standardized by the
 * training images.
 * @returns the share of test images told right
 */
export async function linearReadOut(
  engine: Engine,
  predictor: Executable,
  test: TaskBatch,
  train: TaskBatch,
  { side, seed }: { readonly side: number; readonly seed: number },
): Promise<number> {
  const [fitted, measured] = [
    await featuresOf(train, predictor, side),
    await featuresOf(test, predictor, side),
  ];
  const { dimensions } = fitted;
  const scaling = measureScaling(fitted.features, dimensions);
  applyScaling(fitted.features, scaling);
  applyScaling(measured.features, scaling);
  const batchSize = Math.min(READ_OUT.batchSize, train.targets.length);
  const { top1 } = await softmaxRegression(
    engine,
    fitted,
    measured,
    { dimensions, classes: 2 },
    { ...READ_OUT, batchSize },
    randomStream(seed, "read-out batches"),
  );
  return top1;
}

async function featuresOf(
  batch: TaskBatch,
  predictor: Executable,
  side: number,
): Promise<{ features: Float32Array; labels: ArrayLike<number>; dimensions: number }> {
  const count = batch.targets.length;
  let features = new Float32Array();
  await predictBatches(batch, predictor, side, ({ pooled }, start, size) => {
    const values = pooled as Float32Array;
    const dimensions = values.length / PREDICTION_BATCH;
    if (start === 0) features = new Float32Array(count * dimensions);
    features.set(values.subarray(0, size * dimensions), start * dimensions);
  });
  return { features, labels: batch.targets, dimensions: features.length / count };
}
