/**
 * Pre-activation residual block, shared by generators and discriminators:
 *
 *     main     = conv2(relu(norm2(conv1(up(relu(norm1(x)))))))  then down
 *     shortcut = conv(up(x)) then down, or x itself
 *
 * The variants of the public implementations (reference table in docs/architectures.md) are its options.
 */
import { add, relu, type Tensor } from "../graph/index.ts";
import { type BatchNormOptions, batchNorm } from "./batch-norm.ts";
import { convolution } from "./convolution.ts";
import type { WeightOptions } from "./linear.ts";
import { averagePool, type Upsample, zeroInsertion } from "./resample.ts";
import type { Initialiser, Scope } from "./scope.ts";

/** What a family of networks has in common in all its blocks. */
export interface BlockStyle {
  readonly weights: WeightOptions;
  /** Initialiser of the shortcut's kernel, if another one. */
  readonly shortcutKernel?: Initialiser;
  /** Normalisation before each ReLU; none if left out. */
  readonly norm?: BatchNormOptions;
  readonly upsample: Upsample;
  /**
   * compare_gan: always a 3 × 3 convolution. SN-GAN and mimicry: 1 × 1, and only where the shape changes.
   */
  readonly shortcut: "always 3x3" | "1x1 where needed";
}

/** One block. */
export interface BlockOptions {
  readonly channels: number;
  /** Channels between the two convolutions; `channels` if left out. */
  readonly hidden?: number;
  readonly resample: "up" | "down" | "none";
  /** First block of an SN-GAN discriminator: no activation before conv1, whose input is an image. */
  readonly first?: boolean;
}

/** x [N, C, H, W] → [N, channels, H', W'] with H' = 2H, H/2 or H. Parameters: shortcut, norm1, conv1, norm2, conv2. */
export function residualBlock(scope: Scope, x: Tensor, style: BlockStyle, options: BlockOptions): Tensor {
  const { channels, hidden = channels, resample, first = false } = options;
  const activate = (name: string, value: Tensor): Tensor =>
    relu(style.norm ? batchNorm(scope.child(name), value, style.norm) : value);
  const up = (value: Tensor): Tensor => (resample === "up" ? style.upsample(value) : value);
  const down = (value: Tensor): Tensor => (resample === "down" ? averagePool(value) : value);
  const conv = (name: string, value: Tensor, out: number): Tensor =>
    convolution(scope.child(name), value, out, 3, style.weights);

  const skip = shortcut(scope.child("shortcut"), x, style, options, up, down);
  const begin = first ? x : up(activate("norm1", x));
  const main = conv("conv2", activate("norm2", conv("conv1", begin, hidden)), channels);
  return add(down(main), skip);
}

type Resample = (value: Tensor) => Tensor;

function shortcut(
  scope: Scope,
  x: Tensor,
  style: BlockStyle,
  options: BlockOptions,
  up: Resample,
  down: Resample,
): Tensor {
  const { channels, resample } = options;
  const weights = { ...style.weights, kernel: style.shortcutKernel ?? style.weights.kernel };
  if (style.shortcut === "always 3x3") return down(convolution(scope, up(x), channels, 3, weights));
  if (resample === "none" && x.shape[1] === channels) return x;
  // A 1 × 1 convolution commutes with resampling whose weights sum to 1, so it may run on the smaller map whatever the order is.
  if (style.upsample === zeroInsertion)
    throw new Error(`${scope.path}: a 1x1 shortcut does not commute with zero insertion`);
  return up(convolution(scope, down(x), channels, 1, weights));
}
