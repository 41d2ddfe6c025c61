/**
 * Jigsaw (Noroozi and Favaro 2016; as the task of a GAN Baykal and Unal 2020, DeshuffleGAN, arXiv
 * 2011.01730): in which order do four tiles of an image lie? An image is cut into 2 × 2 tiles,
 * which are put into one of all 24 orders. DeshuffleGAN has 3 × 3 tiles in 30 orders that differ
 * much, for images of 128 pixels; with four tiles of half the side the small images of this project
 * keep something in each. For images with an upright side that is the same in all of them (faces,
 * products), whose turns are told at a glance.
 */
import { concat, constant, matmul, reshape, sliceAxis, type Tensor, transpose } from "../../graph/index.ts";
import { classificationTask } from "./classification-task.ts";
import type { PretextDescription, PretextView } from "./description.ts";
import type { PretextTask } from "./pretext-task.ts";
import type { Transformations } from "./transformations.ts";

/** Tiles beside one another, and in all. */
const SIDE = 2;
const TILES = SIDE * SIDE;

/**
 * All orders of the numbers 0 … n − 1, in lexicographic order: the first leaves them as they are.
 */
function permutations(n: number): number[][] {
  const all = Array.from({ length: n }, (_, i) => i);
  const rest = (left: readonly number[]): number[][] =>
    left.length === 0
      ? [[]]
      : left.flatMap((first) =>
          rest(left.filter((other) => other !== first)).map((others) => [first, ...others]),
        );
  return rest(all);
}

/** The orders: place p (row by row) of order k shows tile `ORDERS[k][p]`. */
export const ORDERS: readonly (readonly number[])[] = permutations(TILES);

/** Tile number `tile` of images [N, C, S, S], row by row: [N, C, S/2, S/2]. */
function tileOf(images: Tensor, tile: number): Tensor {
  const half = images.shape[2]! / SIDE;
  const [row, column] = [Math.floor(tile / SIDE) * half, (tile % SIDE) * half];
  return sliceAxis(sliceAxis(images, 2, row, row + half), 3, column, column + half);
}

/** All images in one order. */
function shuffle(images: Tensor, label: number): Tensor {
  if (label === 0) return images;
  const tiles = ORDERS[label]!.map((tile) => tileOf(images, tile));
  const rows = Array.from({ length: SIDE }, (_, row) => concat(tiles.slice(row * SIDE, (row + 1) * SIDE), 3));
  return concat(rows, 2);
}

/**
 * Each image in an order of its own. The order is a matrix of zeros and ones [4 places, 4 tiles],
 * so that the product with the tiles moves pixels and changes none.
 * @param oneHot [N, 24]
 */
function shuffleEach(images: Tensor, oneHot: Tensor): Tensor {
  const [n = 1, c = 1, s = 1] = images.shape;
  const half = s / SIDE;
  const table = ORDERS.flatMap((order) =>
    order.flatMap((tile) => Array.from({ length: TILES }, (_, t) => (t === tile ? 1 : 0))),
  );
  const moves = reshape(matmul(oneHot, constant(table, [ORDERS.length, TILES * TILES])), [n, TILES, TILES]);
  // [N, C, row, y, column, x] → a row of pixels for each tile
  const cut = transpose(reshape(images, [n, c, SIDE, half, SIDE, half]), [0, 2, 4, 1, 3, 5]);
  const moved = matmul(moves, reshape(cut, [n, TILES, c * half * half]));
  const joined = transpose(reshape(moved, [n, SIDE, SIDE, c, half, half]), [0, 3, 1, 4, 2, 5]);
  return reshape(joined, [n, c, s, s]);
}

const SHUFFLES: Transformations = { count: ORDERS.length, apply: shuffle, applyEach: shuffleEach };

/** Orders to look at: none, columns exchanged, rows exchanged, both. */
const SHOWN = [
  ["Whole", [0, 1, 2, 3]],
  ["Left and right exchanged", [1, 0, 3, 2]],
  ["Top and bottom exchanged", [2, 3, 0, 1]],
  ["Both exchanged", [3, 2, 1, 0]],
] as const;

const view = ([name, tiles]: (typeof SHOWN)[number]): PretextView => ({
  name,
  label: ORDERS.findIndex((order) => order.join() === tiles.join()),
  draw: { tiles, side: SIDE },
});

const JIGSAW: PretextDescription = {
  key: "jigsaw",
  summary: "in which order do four tiles lie, DeshuffleGAN's task",
  title: "Jigsaw",
  question: "in which order the four tiles of an image lie",
  // Tiles are called by the letters of their places in the whole image.
  classNames: ORDERS.map((order) => order.map((tile) => "ABCD"[tile]).join("")),
  classes: "the 24 orders of four tiles in lexicographic order, ABCD to DCBA, row by row",
  answers: true,
  tellsQuarterTurns: false,
  accuracy: { chance: 1 / ORDERS.length, warn: 0.1, recover: 0.2, learned: 0.4 },
  weighted: true,
  unlearnable:
    "If a quarter of an image looks like every other (textures, patterns), self-supervision by tiles cannot help: set objective.selfSupervision=none. Otherwise check objective.beta.",
  limitation:
    "The jigsaw head was trained on whole images of the kind that the network was trained on; of images without a layout (textures) it knows nothing.",
  kind: "A self-supervised GAN (after DeshuffleGAN, [arXiv 2011.01730](https://arxiv.org/abs/2011.01730)), whose discriminator also tells in which order the four tiles of an image lie,",
  arxiv: "2011.01730",
  metadata: { jigsawClasses: JSON.stringify(ORDERS) },
  views: SHOWN.map(view),
};

/** Which of 24 orders of 2 × 2 tiles? */
export const jigsaw: PretextTask = {
  ...classificationTask(JIGSAW, SHUFFLES),
  refuses: (resolution) =>
    resolution % SIDE === 0
      ? undefined
      : `images of ${resolution} pixels cannot be cut into four equal tiles.`,
};
