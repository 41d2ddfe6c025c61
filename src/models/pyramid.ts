/**
 * Residual networks for little time: the blocks and kernels of sngan-resnet (mimicry's SSGAN), with
 * maps that double in width where the side halves. The width names the map at the size of the
 * image, at every resolution. In sngan-resnet it names the first map, and at 64 pixels a narrow
 * copy paints from the narrowest of its maps, a sixteenth of that.
 *
 * With w the width and S the side of the image, a map of side s has w · min(4, S / s) channels, in
 * both networks:
 *
 *     G at 32:  4w × 4²  up → 4w × 8²   up → 2w × 16²  up → w × 32²
 *     D at 32:  w × 32² down →  2w × 16² down → 4w × 8² down → 4w × 4²
 *
 * A step at w = 32 takes 1.7 times that of sngan-resnet at 32, and has 8 times its weights.
 */
import { type BlockRow, down, same, up } from "./block-rows.ts";
import {
  type GeneratorTable,
  residualDiscriminator,
  residualGenerator,
  type Tables,
} from "./residual-networks.ts";
import { SNGAN_FAMILY } from "./sngan-resnet.ts";

/** The width that tables are written for; any other scales all maps. */
const FULL = 64;
const MAX = 4;
const SEED = 4;
const SIDES = [16, 32, 64, 128] as const;

const bySide = <Table>(table: (side: number) => Table): Tables<Table> =>
  Object.fromEntries(SIDES.map((side) => [side, table(side)]));

/** Channels of the map of side `s` in networks for images of side `side`. */
const channelsAt = (side: number, s: number): number => FULL * Math.min(MAX, side / s);

/** Sides of the maps from the seed's to the image's. */
const sidesUpTo = (side: number): number[] =>
  Array.from({ length: Math.log2(side / SEED) + 1 }, (_, i) => SEED * 2 ** i);

/** The generator: a residual block for each doubling of the side. */
export const pyramidGenerator = residualGenerator(
  SNGAN_FAMILY,
  bySide((side): GeneratorTable => {
    const [, ...sides] = sidesUpTo(side);
    return {
      full: FULL,
      seed: { channels: channelsAt(side, SEED), side: SEED },
      blocks: sides.map((s) => up(channelsAt(side, s))),
    };
  }),
);

/** The discriminator. A block is as wide as the map it works on, before it halves it. */
export const pyramidDiscriminator = residualDiscriminator(
  SNGAN_FAMILY,
  bySide((side): BlockRow[] => {
    const [, ...sides] = sidesUpTo(side);
    return [...sides.reverse().map((s) => down(channelsAt(side, s))), same(channelsAt(side, SEED))];
  }),
);
