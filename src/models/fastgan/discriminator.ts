/**
 * The discriminator of FastGAN (Liu et al. 2021, §3.2 and the authors' models.py): two trunks that
 * end at 8 × 8, each with a real/fake logit for every window of 4 × 4 places of its last map.
 *
 * The first trunk begins with a convolution 3 × 3 at the size of the image. Its blocks halve the
 * map on two ways that are averaged, each ending in a leaky ReLU of slope 0.2:
 *
 *     conv 4 × 4 of stride 2 → norm, leaky → conv 3 × 3 → norm, leaky        2 × 2 means → conv 1 × 1 → norm, leaky
 *
 * Every map from the fourth on is excited by the one with eight times its side (skip-layer
 * excitation). The second trunk looks at every other pixel of every other row, by convolutions 4 ×
 * 4 of stride 2. With a convolution 1 × 1 before the last one of the first trunk there are 25
 * logits of each.
 *
 * The publication is for 256 pixels and more. At 128 and 64 both trunks begin one and two sizes
 * later, so that every map that is there is as published. The authors' norm is batch norm, with
 * real and generated images in passes of their own; layer norm, which has as many parameters, is
 * what there is in its place, since no discriminator here mixes images.
 *
 * The pooled features, which all other heads read, are the means of the first trunk's last map.
 * Decoders paint real images again from three maps (`decoders.ts`).
 */
import { add, concat, conv2d, leakyRelu, mean, mul, reshape, type Tensor } from "../../graph/index.ts";
import { skipLayerExcitation } from "../../nn/gating.ts";
import { zeros } from "../../nn/initializers.ts";
import { layerNorm } from "../../nn/layer-norm.ts";
import { linear } from "../../nn/linear.ts";
import { classProjection } from "../../nn/projection.ts";
import { averagePool, everyOther } from "../../nn/resample.ts";
import type { Scope } from "../../nn/scope.ts";
import { type KernelOptions, weightKernel } from "../../nn/weights.ts";
import type { DiscriminatorArchitecture, DiscriminatorOptions } from "../model.ts";
import { painted } from "./decoders.ts";
import { convolve, kernels, SIDES, widthsBy } from "./style.ts";

/** Channels of the first trunk's maps of 256, 128, … 8 pixels. */
const CHANNELS = [16, 32, 64, 128, 256, 512];
/** Of the second trunk's maps of 64, 32, 16 and 8 pixels. */
const HALF_CHANNELS = [32, 64, 128, 256];
const LARGEST = 256;
const SLOPE = 0.2;
/** A map is excited by the one so many sizes before it. */
const EXCITATION = 3;
/** Places along a side of what a logit is made of. */
const PATCH = 4;

/** Sizes by which the trunks for images of a side begin later than the published ones. */
const skipped = (resolution: number): number => Math.log2(LARGEST / resolution);

const tableOf = (resolution: number): number[] => [
  ...CHANNELS.slice(skipped(resolution)),
  ...HALF_CHANNELS.slice(skipped(resolution)),
];
const { channelsFor, ...widths } = widthsBy(tableOf);

/** How the layers of a discriminator are. */
interface Style {
  readonly options: KernelOptions;
  readonly layerNorm: boolean;
}

const styleOf = ({ norm, spectralNorm }: DiscriminatorOptions): Style => ({
  options: kernels(spectralNorm),
  layerNorm: norm === "layer",
});

const activate = (scope: Scope, name: string, x: Tensor, style: Style): Tensor =>
  leakyRelu(style.layerNorm ? layerNorm(scope.child(name), x) : x, SLOPE);

/** A block of the first trunk: x [M, D, H, W] → [M, C, H/2, W/2]. */
function block(scope: Scope, x: Tensor, channels: number, style: Style): Tensor {
  const { options } = style;
  const halved = convolve(scope.child("conv1"), x, channels, 4, options, 2);
  const main = convolve(scope.child("conv2"), activate(scope, "norm1", halved, style), channels, 3, options);
  const direct = convolve(scope.child("shortcut"), averagePool(x), channels, 1, options);
  return mul(add(activate(scope, "norm2", main, style), activate(scope, "norm3", direct, style)), 0.5);
}

/** The maps of the first trunk, that of the image's size before the others. */
function trunk(scope: Scope, images: Tensor, [first = 1, ...channels]: readonly number[], style: Style) {
  const maps = [leakyRelu(convolve(scope.child("firstConv"), images, first, 3, style.options), SLOPE)];
  for (const [i, count] of channels.entries()) {
    const own = scope.child(`block${i + 1}`);
    const x = block(own, maps.at(-1)!, count, style);
    const from = maps.at(-EXCITATION);
    maps.push(from ? skipLayerExcitation(own.child("gate"), from, x, style.options) : x);
  }
  return maps;
}

/** The last map of the second trunk, [M, C, 8, 8]. */
function halfTrunk(scope: Scope, images: Tensor, [first = 1, ...channels]: readonly number[], style: Style) {
  const small = everyOther(images);
  let x = leakyRelu(convolve(scope.child("firstConv"), small, first, 4, style.options, 2), SLOPE);
  for (const [i, count] of channels.entries())
    x = activate(
      scope,
      `norm${i + 1}`,
      convolve(scope.child(`conv${i + 1}`), x, count, 4, style.options, 2),
      style,
    );
  return x;
}

/** A number for each window of 4 × 4 places: x [M, C, S, S] → [M, (S − 3)²]. */
function windows(scope: Scope, x: Tensor, { options }: Style): Tensor {
  const y = conv2d(x, weightKernel(scope, [1, x.shape[1]!, PATCH, PATCH], options));
  return reshape(y, [x.shape[0]!, y.shape[2]! * y.shape[3]!]);
}

/** The discriminator of FastGAN. */
export const fastganDiscriminator: DiscriminatorArchitecture = {
  ...widths,
  imageRange: "symmetric",
  resolutions: SIDES,
  residual: false,
  activatesFirst: false,
  features(scope, images, options) {
    const [resolution, style] = [images.shape[2]!, styleOf(options)];
    const channels = channelsFor(resolution, options.width);
    const length = CHANNELS.length - skipped(resolution);
    const [, ...blocks] = trunk(scope, images, channels.slice(0, length), style);
    const half = halfTrunk(scope.child("half"), images, channels.slice(length), style);
    return { blocks, half, pooled: mean(blocks.at(-1)!, [2, 3]) };
  },
  patches(scope, { blocks, half }, options) {
    const style = styleOf(options);
    const last = blocks.at(-1)!;
    const hidden = convolve(scope.child("hidden"), last, 2 * last.shape[1]!, 1, style.options);
    return concat(
      [
        windows(scope.child("whole"), activate(scope, "norm", hidden, style), style),
        windows(scope.child("half"), half!, style),
      ],
      1,
    );
  },
  paint(scope, { blocks, half }, chosen, options) {
    const [map, last] = blocks.slice(-2) as [Tensor, Tensor];
    const side = blocks[0]!.shape[2]!;
    const style = styleOf(options);
    return painted(scope, { last, map, half: half! }, chosen, {
      side,
      relativeWidth: options.width / widths.fullWidth(2 * side),
      kernels: style.options,
      normalize: style.layerNorm ? layerNorm : undefined,
    });
  },
  head: (scope, pooled, outputs, { spectralNorm }) =>
    linear(scope, pooled, outputs, { ...kernels(spectralNorm), bias: () => zeros }),
  projection: (scope, pooled, classes, { spectralNorm }) =>
    classProjection(scope, pooled, classes, kernels(spectralNorm)),
};
