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
 *
 * FastGAN's own discriminator has decoders of its own (models/fastgan/decoders.ts), three of them.
 * With a quarter Q of each image drawn at random, and x₂ every other pixel of every other row of x,
 *
 *     L_D += λ · [ mean (S₁(D(x)) − x₂)² + mean (S₂(D(x)) − x₂)² + mean (S₃(Q D(x)) − Q x)² ]
 */
import { add, constant, mean, mul, sub, type Tensor } from "../../graph/index.ts";
import { gatedLinearUnit } from "../../nn/gating.ts";
import { QUADRANTS, quadrantOf } from "../../nn/quadrant.ts";
import { everyOther, nearestNeighbor } from "../../nn/resample.ts";
import { oneHot } from "../images.ts";
import type { TaskOutputs } from "../pretext/pretext-task.ts";
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

/** → the image again, [M, 3, S, S]. */
function decoded({ features, resolution, convolve }: AuxiliaryHeads): Tensor {
  let x = mapToDecode(features.blocks, resolution);
  for (let i = 1; x.shape[2]! < resolution; i++) {
    const last = 2 * x.shape[2]! >= resolution;
    const channels = last ? COLORS : Math.max(FEWEST_CHANNELS, Math.floor(x.shape[1]! / 2));
    x = gatedLinearUnit(convolve(`conv${i}`, nearestNeighbor(x), 2 * channels));
  }
  return x;
}

/** The quarters of M images that are painted, one-hot rows [M, 4]: drawn, or the first ones. */
function chosenQuadrants(count: number, draw: AuxiliaryHeads["draw"]): Tensor {
  if (draw) return oneHot(draw("quadrant", [count], { below: QUADRANTS }), QUADRANTS);
  const first = Array.from({ length: count * QUADRANTS }, (_, i) => (i % QUADRANTS === 0 ? 1 : 0));
  return constant(first, [count, QUADRANTS]);
}

function heads(input: AuxiliaryHeads): TaskOutputs {
  const { paint, draw, features } = input;
  if (!paint) return { image: decoded(input) };
  const { whole, half, quadrant } = paint(chosenQuadrants(features.pooled.shape[0]!, draw));
  return { whole, half, quadrant };
}

const meanSquare = (a: Tensor, b: Tensor): Tensor => {
  const difference = sub(a, b);
  return mean(mul(difference, difference));
};

/** FastGAN's reconstruction. */
export const reconstruction: AuxiliaryLoss = {
  description: {
    title: "reconstruction",
    summary: "real images can be painted again from a map of the discriminator, FastGAN",
    published: "1",
    arxiv: "2101.04775",
  },
  weights: "discriminator",
  heads,
  discriminatorLoss({ images, outputs, draw }: AuxiliaryInput): Tensor {
    const { images: real } = images("real");
    const { image, whole, half, quadrant } = outputs();
    if (image) return meanSquare(image, real);
    const small = everyOther(real);
    const part = quadrantOf(real, chosenQuadrants(real.shape[0]!, draw));
    return [meanSquare(whole!, small), meanSquare(half!, small), meanSquare(quadrant!, part)].reduce(add);
  },
};
