/**
 * Differentiable augmentation against plain loops over pixels, written from the description of Zhao
 * et al. 2020.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../../../test/support/close.ts";
import { UserError } from "../../base/errors.ts";
import { randomStream } from "../../base/random.ts";
import { input, sizeOf } from "../../graph/index.ts";
import { expectDerivatives } from "../../graph/testing/derivatives.ts";
import { evaluate } from "../../graph/testing/evaluate.ts";
import { Inputs } from "../../graph/testing/samples.ts";
import type { ImageRange } from "../../models/model.ts";
import { AUGMENTATIONS, augment, augmentationNumbers, augmentationsOf } from "./augment.ts";

type Image = (c: number, y: number, x: number) => number;

/** Apply one augmentation to one image of side S in [−1, 1], by loops. */
function byHand(name: string, image: Image, u: readonly number[], side: number): Image {
  const all = (f: Image): number => {
    let total = 0;
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) total += f(c, y, x);
    return total / (3 * side * side);
  };
  const [a = 0, b = 0, k = 0] = u;
  if (name === "colour") {
    const bright: Image = (c, y, x) => image(c, y, x) + a - 0.5;
    const gray = (y: number, x: number): number => (bright(0, y, x) + bright(1, y, x) + bright(2, y, x)) / 3;
    const saturated: Image = (c, y, x) => gray(y, x) + (bright(c, y, x) - gray(y, x)) * 2 * b;
    const mean = all(saturated);
    return (c, y, x) => mean + (saturated(c, y, x) - mean) * (k + 0.5);
  }
  if (name === "translation") {
    const max = Math.floor(side / 8);
    const [down, right] = [a, b].map((v) => Math.floor(v * (2 * max + 1)) - max) as [number, number];
    const inside = (i: number): boolean => i >= 0 && i < side;
    return (c, y, x) => (inside(y + down) && inside(x + right) ? image(c, y + down, x + right) : 0);
  }
  const size = Math.floor(side / 2);
  const covered = (v: number) => {
    const first = Math.floor(v * (side + 1 - (size % 2))) - Math.floor(size / 2);
    return (i: number): boolean => i >= first && i < first + size;
  };
  const [row, column] = [covered(a), covered(b)];
  return (c, y, x) => (row(y) && column(x) ? 0 : image(c, y, x));
}

/** Compare `list` with the loops on `count` random images. */
async function compare(list: string, side: number, range: ImageRange, seed: number): Promise<void> {
  const count = 3;
  const random = randomStream(seed, "augment");
  const augmentations = augmentationsOf(list);
  const columns = augmentationNumbers(augmentations);
  const [x, u] = [input("x", [count, 3, side, side]), input("u", [count, columns])];
  const pixels = Float32Array.from({ length: sizeOf(x.shape) }, () => 2 * random.uniform() - 1);
  const numbers = Float32Array.from({ length: count * columns }, () => Math.fround(random.uniform() * 0.999));
  const unit = range === "unit";
  const { y } = await evaluate(
    { y: augment(x, augmentations, u, range) },
    new Map([
      [x, unit ? pixels.map((v) => (v + 1) / 2) : pixels],
      [u, numbers],
    ]),
  );
  const expected: number[] = [];
  for (let n = 0; n < count; n++) {
    let image: Image = (c, row, column) => pixels[((n * 3 + c) * side + row) * side + column]!;
    let column = n * columns;
    for (const name of list.split(",")) {
      const taken = AUGMENTATIONS[name as keyof typeof AUGMENTATIONS].numbers;
      image = byHand(name, image, [...numbers.subarray(column, column + taken)], side);
      column += taken;
    }
    for (let c = 0; c < 3; c++)
      for (let row = 0; row < side; row++)
        for (let k = 0; k < side; k++) expected.push(unit ? (image(c, row, k) + 1) / 2 : image(c, row, k));
  }
  expectClose(y as Float32Array, expected, { relative: 2e-6, name: `${list} at ${side}` });
}

describe("augmentation", () => {
  it.each([
    ["colour", 8],
    ["translation", 16],
    ["translation", 24],
    ["cutout", 16],
    ["cutout", 10],
    ["colour,translation,cutout", 16],
    ["cutout,translation", 8],
  ] as const)("%s at %d is what the paper describes, in both ranges", async (list, side) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        await compare(list, side, "symmetric", seed);
        await compare(list, side, "unit", seed);
      }),
      { numRuns: 3 },
    );
  });

  it("reaches both ends: nothing moved or cut beyond, whatever is drawn", async () => {
    const side = 8;
    const [x, u] = [input("x", [4, 3, side, side]), input("u", [4, 2])];
    const ones = new Float32Array(sizeOf(x.shape)).fill(1);
    const ends = Float32Array.of(0, 0, 0.999999, 0.999999, 0, 0.999999, 0.5, 0.5);
    const sum = async (name: string): Promise<number[]> => {
      const { y } = await evaluate(
        { y: augment(x, augmentationsOf(name), u, "symmetric") },
        new Map([
          [x, ones],
          [u, ends],
        ]),
      );
      return Array.from({ length: 4 }, (_, n) =>
        (y as Float32Array).subarray(n * 192, (n + 1) * 192).reduce((a, v) => a + v, 0),
      );
    };
    // Moved by one row and one column: 7 × 7 remain, in three channels; cut at a corner: 2 × 2 are lost, in the middle 4 × 4.
    expect(await sum("translation")).toEqual([147, 147, 147, 192]);
    expect(await sum("cutout")).toEqual([180, 180, 180, 144]);
  });

  it.each(Object.keys(AUGMENTATIONS))("%s lets the gradient through, by finite differences", async (name) => {
    const inputs = new Inputs(3);
    const numbers = inputs.tensor([2, augmentationNumbers(augmentationsOf(name))], (stream, count) =>
      Float32Array.from({ length: count }, () => 0.1 + 0.8 * stream.uniform()),
    );
    const images = inputs.tensor([2, 3, 8, 8]);
    await expectDerivatives(inputs, [images], (x) => augment(x, augmentationsOf(name), numbers, "symmetric"));
  });

  it("reads lists, and says what it does not know", () => {
    expect(augmentationsOf("none")).toEqual([]);
    expect(augmentationsOf("cutout, colour")).toEqual([AUGMENTATIONS.cutout, AUGMENTATIONS.colour]);
    expect(() => augmentationsOf("color")).toThrow(UserError);
    expect(() => augmentationsOf("cutout,cutout")).toThrow(/named twice/);
    expect(() => augmentationsOf("")).toThrow(/Unknown augmentation ""/);
  });
});
