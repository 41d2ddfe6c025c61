/**
 * The paper's ResNet for 128 × 128 (ImageNet, LSUN, CelebA-HQ), as compare_gan builds it
 * (resnet5.py): five blocks in the generator, six in the discriminator, for every power of two from
 * 4 to 128. A smaller image has the same blocks with the same weights, of which fewer change the
 * size: the generator's double it until the side is reached, the discriminator's halve it as long
 * as there is more than one pixel. At 128 × 128 G 512 has 13,786,115 parameters and D 64 with
 * rotation head 15,088,581.
 *
 * compare_gan does not normalize the generator's first and last kernel spectrally even if asked to.
 */

import type { BlockRow } from "./block-rows.ts";
import { COMPARE_GAN } from "./compare-gan.ts";
import {
  type GeneratorTable,
  residualDiscriminator,
  residualGenerator,
  type Tables,
} from "./residual-networks.ts";

const SIDES = [4, 8, 16, 32, 64, 128];

/**
 * Side of the image from which on a generator's block doubles the map, or a discriminator's halves
 * it; and the channels it gives.
 */
type Step = readonly [from: number, channels: number];

const GENERATOR: readonly Step[] = [
  [8, 512],
  [16, 256],
  [32, 256],
  [64, 128],
  [128, 64],
];

const DISCRIMINATOR: readonly Step[] = [
  [2, 64],
  [4, 128],
  [8, 256],
  [16, 256],
  [32, 512],
  [64, 512],
];

const rows = (steps: readonly Step[], side: number, resample: "up" | "down"): BlockRow[] =>
  steps.map(([from, channels]) => ({ channels, resample: side >= from ? resample : "none" }));

const bySide = <Table>(table: (side: number) => Table): Tables<Table> =>
  Object.fromEntries(SIDES.map((side) => [side, table(side)]));

/** The generator of compare_gan's ResNet for images of 128 × 128. */
export const resnet5Generator = residualGenerator(
  COMPARE_GAN,
  bySide(
    (side): GeneratorTable => ({ seed: { channels: 512, side: 4 }, blocks: rows(GENERATOR, side, "up") }),
  ),
  false,
);

/** The discriminator of compare_gan's ResNet for images of 128 × 128. */
export const resnet5Discriminator = residualDiscriminator(
  COMPARE_GAN,
  bySide((side) => rows(DISCRIMINATOR, side, "down")),
);
