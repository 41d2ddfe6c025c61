import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { INITIALIZATIONS, kernelsBegin } from "./initialization.ts";
import { heNormal, orthogonal } from "./initializers.ts";

const deviation = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const stream = () => randomStream(1, "initialization");

it("an orthogonal kernel has orthonormal rows, or columns where it is taller than wide", () => {
  const size = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(size, size, fc.constantFrom(1, 3), fc.nat(), (out, into, side, seed) => {
      const kernel = orthogonal([out, into, side, side], randomStream(seed, "orthogonal"));
      const columns = into * side * side;
      const wide = out <= columns;
      const [count, length] = wide ? [out, columns] : [columns, out];
      const at = (vector: number, i: number): number =>
        wide ? kernel[vector * columns + i]! : kernel[i * columns + vector]!;
      for (let a = 0; a < count; a++)
        for (let b = 0; b <= a; b++) {
          let dot = 0;
          for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
          expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
        }
    }),
    { numRuns: 50 },
  );
});

it("He's kernels keep the size of a signal through layers of ReLUs", () => {
  const [width, count] = [64, 400];
  const random = stream();
  let rows = Array.from({ length: count }, () => Float64Array.from({ length: width }, () => random.normal()));
  const power = (): number =>
    rows.reduce((sum, row) => sum + row.reduce((all, value) => all + value * value, 0), 0) / (count * width);
  const before = power();
  for (let layer = 0; layer < 8; layer++) {
    const kernel = heNormal([width, width], random);
    rows = rows.map((row) =>
      Float64Array.from({ length: width }, (_, j) => {
        const sum = row.reduce((all, value, i) => all + value * kernel[j * width + i]!, 0);
        return layer === 7 ? sum / Math.SQRT2 : Math.max(0, sum);
      }),
    );
  }
  // The last layer ends without a ReLU and with half the power, as the first began.
  expect(power() / before).toBeGreaterThan(0.3);
  expect(power() / before).toBeLessThan(3);
});

describe("what begins", () => {
  const begin = (kind: (typeof INITIALIZATIONS)[number], name: string): Float32Array | undefined =>
    kernelsBegin(kind, 4)(name)?.([32, 32, 3, 3], stream());
  const others = INITIALIZATIONS.filter((kind) => kind !== "published");

  it("nothing is changed unless it is asked for, and never biases or what makes a norm's scales", () => {
    expect(begin("published", "discriminator/block1/conv1/kernel")).toBeUndefined();
    for (const kind of others)
      for (const name of [
        "block1/conv1/bias",
        "block1/norm1/gamma",
        "block1/norm1/gamma/kernel",
        "finalNorm/hidden/kernel",
      ])
        expect(begin(kind, `generator/${name}`)).toBeUndefined();
  });

  it.each([
    ["normal", 0.02],
    ["xavier", Math.sqrt(2 / (32 * 9 + 32 * 9))],
    ["he", Math.sqrt(2 / (32 * 9))],
    ["orthogonal", 1 / Math.sqrt(32 * 9)],
  ] as const)("%s has its deviation", (kind, expected) => {
    expect(deviation(begin(kind, "generator/block1/conv1/kernel")!) / expected).toBeCloseTo(1, 1);
  });

  it("with fixup every block begins as its shortcut, and the first kernel of a branch is smaller the more blocks there are", () => {
    const he = deviation(begin("he", "discriminator/block2/conv1/kernel")!);
    expect(deviation(begin("fixup", "discriminator/block2/conv2/kernel")!)).toBe(0);
    expect(deviation(begin("fixup", "discriminator/block2/conv1/kernel")!)).toBeCloseTo(he / 2, 6);
    expect(deviation(begin("fixup", "discriminator/block2/shortcut/kernel")!)).toBeCloseTo(he, 6);
  });
});
