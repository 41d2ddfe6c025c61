/** The constants of the linear probe. Ours where the paper names none (docs/studies.md). */
import type { RegressionOptions } from "./softmax-regression.ts";

/**
 * Numbers a block's map is pooled to at the most (Zhang, Isola and Efros 2016, whose protocol the
 * paper follows, keep about 9,000).
 */
export const FULL_FEATURES = 9000;

/** SGD with momentum 0.9, step 0.1 · batch / 256 falling along a cosine, L2 10⁻⁴, 100 epochs. */
export const PROTOCOL: RegressionOptions = {
  epochs: 100,
  batchSize: 256,
  learningRate: 0.1,
  momentum: 0.9,
  weightDecay: 1e-4,
};
