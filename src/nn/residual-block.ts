/**
 * Pre-activation residual block, shared by generators and discriminators:
 *
 *     main     = conv2(relu(norm2(conv1(up(relu(norm1(x)))))))  then down
 *     shortcut = conv(up(x)) then down, or x itself; with `activatedShortcut` of relu(norm1(x)) instead
 *
 * The variants of the public implementations (reference table in docs/architectures.md) are its
 * options.
 */
import { add, relu, type Tensor } from "../graph/index.ts";
import { convolution } from "./convolution.ts";
import { averagePool, type Upsample, zeroInsertion } from "./resample.ts";
import type { Initializer, Scope } from "./scope.ts";
import type { WeightOptions } from "./weights.ts";

/** A normalization layer, x → the same shape. */
export type Normalize = (scope: Scope, x: Tensor) => Tensor;

/** What a family of networks has in common in all its blocks. */
export interface BlockStyle {
  readonly weights: WeightOptions;
  /** Initializer of the shortcut's kernel, if another one. */
  readonly shortcutKernel?: Initializer;
  readonly upsample: Upsample;
  /**
   * compare_gan: always a 3 × 3 convolution. SN-GAN and mimicry: 1 × 1, and only where the shape
   * changes. zhangqianhui: always 1 × 1 in the discriminator; in the generator no convolution, but
   * the input as the main path has it, normalized and activated. compare_gan's BigGAN: always 1 × 1
   * in the generator; in the discriminator 1 × 1 where the channels change, else no way around at
   * all.
   */
  readonly shortcut: "always 3x3" | "1x1 where needed" | "always 1x1" | "1x1 or none" | "activated input";
  /**
   * Whether the shortcut reads relu(x) in the place of x, wherever the main path begins with an
   * activation. PyTorch code whose ReLU works in place does so, as it has overwritten x when the
   * shortcut reads it.
   */
  readonly activatedShortcut?: boolean;
}

/** What a block does to the size of the map. */
export type Resampling = "up" | "down" | "none";

/** The shape of one residual block. */
export interface BlockOptions {
  readonly channels: number;
  /** Channels between the two convolutions; `channels` if left out. */
  readonly hidden?: number;
  readonly resample: Resampling;
  /**
   * First block of an SN-GAN discriminator: no activation before conv1, whose input is an image.
   */
  readonly first?: boolean;
  /**
   * Whether conv2 is followed by another ReLU (the first block of zhangqianhui's discriminator).
   */
  readonly activatedEnd?: boolean;
  /** Normalization before each ReLU; none if left out. */
  readonly normalize?: Normalize | undefined;
}

/**
 * x [N, C, H, W] → [N, channels, H', W'] with H' = 2H, H/2 or H. Parameters: shortcut, norm1,
 * conv1, norm2, conv2.
 */
export function residualBlock(scope: Scope, x: Tensor, style: BlockStyle, options: BlockOptions): Tensor {
  const { channels, hidden = channels, resample, first = false, activatedEnd = false } = options;
  const activate = (name: string, value: Tensor): Tensor =>
    relu(options.normalize ? options.normalize(scope.child(name), value) : value);
  const up = (value: Tensor): Tensor => (resample === "up" ? style.upsample(value) : value);
  const down = (value: Tensor): Tensor => (resample === "down" ? averagePool(value) : value);
  const conv = (name: string, value: Tensor, out: number): Tensor =>
    convolution(scope.child(name), value, out, { size: 3, stride: 1 }, style.weights);

  const around = (value: Tensor): Tensor | undefined =>
    shortcut(scope.child("shortcut"), value, style, options, up, down);
  // Parameters lie in the order in which they are asked for: those of the shortcut come first.
  const plain = style.activatedShortcut ? undefined : around(x);
  const activated = first ? x : activate("norm1", x);
  const raw = style.activatedShortcut ? around(activated) : plain;
  const second = conv("conv2", activate("norm2", conv("conv1", up(activated), hidden)), channels);
  const main = down(activatedEnd ? relu(second) : second);
  if (style.shortcut === "1x1 or none" && x.shape[1] === channels) return main;
  return add(main, raw ?? up(activated));
}

type Resample = (value: Tensor) => Tensor;

/**
 * The way around, or `undefined` where there is none, or it takes what the main path has made of x.
 */
function shortcut(
  scope: Scope,
  x: Tensor,
  style: BlockStyle,
  options: BlockOptions,
  up: Resample,
  down: Resample,
): Tensor | undefined {
  const { channels, resample } = options;
  const weights = { ...style.weights, kernel: style.shortcutKernel ?? style.weights.kernel };
  if (style.shortcut === "activated input") {
    if (x.shape[1] !== channels || resample === "down")
      throw new Error(`${scope.path}: a shortcut without a convolution keeps the channels and never shrinks`);
    return undefined;
  }
  if (style.shortcut === "always 3x3")
    return down(convolution(scope, up(x), channels, { size: 3, stride: 1 }, weights));
  if (style.shortcut === "1x1 or none" && x.shape[1] === channels) return undefined;
  if (style.shortcut === "1x1 where needed" && resample === "none" && x.shape[1] === channels) return x;
  // A 1 × 1 convolution commutes with resampling whose weights sum to 1, so it may run on the smaller map whatever the order is. Between
  // inserted zeros there is a bias only if it runs on the larger one.
  const inserted = resample === "up" && style.upsample === zeroInsertion;
  const shrunk = convolution(scope, inserted ? up(x) : down(x), channels, { size: 1, stride: 1 }, weights);
  return inserted ? shrunk : up(shrunk);
}
