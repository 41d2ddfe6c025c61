/** Features with mean 0 and standard deviation 1, as measured on the training images. */

/** Per-feature statistics, [F]. */
export interface Scaling {
  readonly mean: Float64Array;
  /** 1 / standard deviation; 0 for a feature that never changes, which then says nothing. */
  readonly scale: Float64Array;
}

/** Measure `features` [N, F]. */
export function measureScaling(features: Float32Array, dimensions: number): Scaling {
  const count = features.length / dimensions;
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) mean[i % dimensions]! += features[i]!;
  for (let j = 0; j < dimensions; j++) mean[j]! /= count;
  // In a second pass: the difference of two large sums would lose the digits.
  const squares = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) {
    const deviation = features[i]! - mean[i % dimensions]!;
    squares[i % dimensions]! += deviation * deviation;
  }
  const scale = squares.map((sum, j) => {
    const deviation = Math.sqrt(sum / count);
    return deviation > 1e-6 * Math.max(1, Math.abs(mean[j]!)) ? 1 / deviation : 0;
  });
  return { mean, scale };
}

/** Scale `features` [N, F] in place. */
export function applyScaling(features: Float32Array, { mean, scale }: Scaling): void {
  const dimensions = mean.length;
  for (let i = 0; i < features.length; i++) {
    const j = i % dimensions;
    features[i] = (features[i]! - mean[j]!) * scale[j]!;
  }
}
