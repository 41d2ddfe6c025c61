/**
 * The discriminator as the encoder of an auto-encoder (Liu et al. 2021, FastGAN, arXiv 2101.04775;
 * in the form of lucidrains/lightweight-gan, `SimpleDecoder`): a small decoder paints the image
 * again from one of the discriminator's maps.
 *
 * The map is the deepest one with at least 8 places along a side, before the next block's
 * activation: 8 × 8 in most networks. A layer of the decoder doubles it, repeating every value,
 * then a convolution 3 × 3 with a bias gives channels a and b, and a · σ(b) goes on. Each layer but
 * the last leaves half the channels, at least 4; the last one leaves the image's three. Then, with
 * S the decoder,
 *
 *     L_D += λ · mean over images, channels and pixels of (S(D(x)) − x)²          of real images x
 *
 * The decoder is never spectrally normalized: no adversarial loss goes through it.
 */
import { mean, mul, sigmoid, sliceAxis, sub, type Tensor } from "../../graph/index.ts";
import { nearestNeighbor } from "../../nn/resample.ts";
import type { AuxiliaryHeads, AuxiliaryInput, AuxiliaryLoss } from "./auxiliary.ts";

/** Places along a side of the map that is decoded, at least. */
const SIDE = 8;
const FEWEST_CHANNELS = 4;
const COLORS = 3;

/**
 * The deepest map with at least `SIDE` places along a side, or the largest one of an image that has
 * none, smaller than the image.
 */
function mapToDecode(blocks: readonly Tensor[], side: number): Tensor {
  const smaller = blocks.filter(({ shape }) => shape[2]! < side);
  const map = smaller.findLast(({ shape }) => shape[2]! >= SIDE) ?? smaller[0];
  if (!map) throw new Error(`no map of the discriminator is smaller than its image of ${side} pixels`);
  return map;
}

/**
 * A gated linear unit: the first half of the channels, each by the sigmoid of one of the second
 * half.
 */
function gated(x: Tensor): Tensor {
  const half = x.shape[1]! / 2;
  return mul(sliceAxis(x, 1, 0, half), sigmoid(sliceAxis(x, 1, half, 2 * half)));
}

/** → the image again, [M, 3, S, S]. */
function decoded({ features, resolution, convolve }: AuxiliaryHeads): Tensor {
  let x = mapToDecode(features.blocks, resolution);
  for (let i = 1; x.shape[2]! < resolution; i++) {
    const last = 2 * x.shape[2]! >= resolution;
    const channels = last ? COLORS : Math.max(FEWEST_CHANNELS, Math.floor(x.shape[1]! / 2));
    x = gated(convolve(`conv${i}`, nearestNeighbor(x), 2 * channels));
  }
  return x;
}

/** FastGAN's reconstruction. */
export const reconstruction: AuxiliaryLoss = {
  description: {
    title: "reconstruction",
    summary: "real images can be painted again from a map of the discriminator, FastGAN",
    published: "1",
    arxiv: "2101.04775",
  },
  weights: "discriminator",
  heads: (input) => ({ image: decoded(input) }),
  discriminatorLoss({ images, outputs }: AuxiliaryInput): Tensor {
    const difference = sub(outputs().image!, images("real").images);
    return mean(mul(difference, difference));
  },
};
