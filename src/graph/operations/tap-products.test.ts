/**
 * The weight gradient as products of taps against the convolution of the other lowerings, for
 * geometries of any kind.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../base/random.ts";
import { WEBGPU_TARGET } from "../compile.ts";
import { sizeOf } from "../shape.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";
import { CPU, evaluate } from "../testing/evaluate.ts";
import { type ConvGeometry, convGeometry } from "./conv-geometry.ts";
import { conv2d, convWeight } from "./convolution.ts";
import { input } from "./leaf.ts";
import { groupsOf, lowerTapProducts } from "./tap-products.ts";

const small = fc.integer({ min: 1, max: 3 });
const pair = fc.tuple(small, small);
const padding = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }));
const cases = fc
  .record({
    batch: fc.constantFrom(1, 2, 3, 4),
    channels: pair,
    size: fc.tuple(fc.integer({ min: 3, max: 7 }), fc.integer({ min: 3, max: 7 })),
    kernel: pair,
    stride: pair,
    padding: fc.tuple(padding, padding),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .filter(({ size, kernel, padding: p, dilation }) =>
    ([0, 1] as const).every((a) => size[a] + p[a][0] + p[a][1] > dilation[a] * (kernel[a] - 1)),
  );

const random = (shape: readonly number[], seed: number): Float32Array => {
  const stream = randomStream(seed, "tap products");
  return Float32Array.from({ length: sizeOf(shape) }, () => stream.normal());
};

const tapProductsPrimitive = definePrimitive({
  name: "tapProducts",
  infer: (_, { shape }) => ({ shape: shape as readonly number[], dtype: "float32" }),
  lower: (emit, node, inputs) => lowerTapProducts(emit, node, inputs, node.attributes.largest as number),
});

/** convWeight, always lowered as products whose matrices hold at most `largest` numbers. */
function tapProducts(
  x: Tensor,
  d: Tensor,
  g: ConvGeometry,
  kernelSize: readonly [number, number],
  largest: number,
) {
  const shape = [d.shape[1]!, x.shape[1]!, ...kernelSize];
  const geometry = { strides: g.strides, padding: g.padding, dilation: g.dilation };
  return makeNode(tapProductsPrimitive, [x, d], { ...geometry, kernelSize, shape, largest });
}

test("equal to the convolution, in one matrix or several", async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.constantFrom(1, 60, 2 ** 25), async (c, largest) => {
      const geometry = convGeometry(c);
      const x = input("x", [c.batch, c.channels[0], ...c.size]);
      const y = conv2d(x, input("w", [c.channels[1], c.channels[0], ...c.kernel]), undefined, c);
      const d = input("d", y.shape);
      const values = new Map([
        [x, random(x.shape, 1)],
        [d, random(d.shape, 2)],
      ]);
      const expected = await evaluate({ y: convWeight(x, d, geometry, c.kernel) }, values, CPU);
      const actual = await evaluate(
        {
          y: convWeight(x, d, geometry, c.kernel),
          several: tapProducts(x, d, geometry, c.kernel, largest),
        },
        values,
        WEBGPU_TARGET,
      );
      for (const result of [actual.y!, actual.several!])
        for (const [i, value] of (expected.y as Float32Array).entries())
          expect(Math.abs((result[i] as number) - value)).toBeLessThan(1e-4);
    }),
    { numRuns: 60 },
  );
});

test("groups divide the batch and keep the products small", () => {
  expect(groupsOf(64, 9_216)).toBe(64);
  expect(groupsOf(64, 147_456)).toBe(16);
  expect(groupsOf(64, 2 ** 30)).toBe(1);
  expect(groupsOf(7, 2 ** 20)).toBe(1);
});
