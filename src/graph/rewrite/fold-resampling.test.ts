/**
 * The six identities of folding, for summed patches and for kept/inserted values, over random
 * sizes: the fold happens, and changes nothing but rounding.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optimize } from "../compile.ts";
import * as g from "../operations/index.ts";
import { print } from "../print.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { CPU } from "../testing/evaluate.ts";
import { check, expectSame, Inputs, seeds, sizes } from "../testing/samples.ts";

type Resample = (x: Tensor, f: number) => Tensor;
const zeros = (x: Tensor): number[] => x.shape.map(() => 0);
const kinds: Readonly<Record<string, { down: Resample; up: Resample }>> = {
  patches: { down: g.sumPool, up: g.upsampleNearest },
  "single values": {
    down: (x, f) => g.slice(x, zeros(x), x.shape, [1, 1, f, f]),
    up: (x, f) => g.pad(x, zeros(x), [0, 0, f - 1, f - 1], [0, 0, f - 1, f - 1]),
  },
};

interface Case {
  readonly n: number;
  readonly c: number;
  readonly o: number;
  /** Of the small map. */
  readonly size: readonly [number, number];
  readonly f: number;
  readonly kernel: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly bias: boolean;
  readonly seed: number;
}
const pads = (kernel: number, beyond: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.nat(kernel - 1 + beyond), fc.nat(kernel - 1 + beyond));
/** @param beyond how far padding may exceed what the kernel reaches */
const cases = (beyond: number): fc.Arbitrary<Case> =>
  fc.tuple(sizes(4), sizes(4)).chain((kernel) =>
    fc.record({
      n: sizes(3),
      c: sizes(3),
      o: sizes(3),
      size: fc.tuple(sizes(4, 2), sizes(4, 2)),
      f: fc.constantFrom(2, 3),
      kernel: fc.constant(kernel),
      padding: fc.tuple(pads(kernel[0], beyond), pads(kernel[1], beyond)),
      bias: fc.boolean(),
      seed: seeds,
    }),
  );

/** The image size whose convolution gives maps of `large`. */
const imageSize = (large: readonly [number, number], { kernel, padding }: Case): [number, number] =>
  [0, 1].map((a) => large[a]! + kernel[a]! - 1 - padding[a]![0] - padding[a]![1]) as [number, number];

type Build = (c: Case, inputs: Inputs, resample: { down: Resample; up: Resample }) => Tensor | undefined;
const identities: Readonly<Record<string, Build>> = {
  "Down(conv(x, w))": (t, inputs, { down }) => {
    const image = imageSize([t.f * t.size[0], t.f * t.size[1]], t);
    if (Math.min(...image) < 1) return undefined;
    const x = inputs.tensor([t.n, t.c, ...image]);
    const bias = t.bias ? inputs.tensor([t.o]) : undefined;
    return down(g.conv2d(x, inputs.tensor([t.o, t.c, ...t.kernel]), bias, { padding: t.padding }), t.f);
  },
  "Down(convInput(d, w))": (t, inputs, { down }) => {
    // Here the image is the large map.
    const d = [0, 1].map((a) => t.f * t.size[a]! - t.kernel[a]! + 1 + t.padding[a]![0] + t.padding[a]![1]);
    if (Math.min(...d) < 1) return undefined;
    const bias = t.bias ? inputs.tensor([t.c]) : undefined;
    const w = inputs.tensor([t.o, t.c, ...t.kernel]);
    const geometry = g.convGeometry({ padding: t.padding });
    const large = [t.f * t.size[0], t.f * t.size[1]] as const;
    return down(g.convInput(inputs.tensor([t.n, t.o, ...d]), w, geometry, large, bias), t.f);
  },
  "convInput(Up(d), w)": (t, inputs, { up }) => {
    const image = imageSize([t.f * t.size[0], t.f * t.size[1]], t);
    if (Math.min(...image) < 1) return undefined;
    const d = inputs.tensor([t.n, t.o, ...t.size]);
    const w = inputs.tensor([t.o, t.c, ...t.kernel]);
    const bias = t.bias ? inputs.tensor([t.c]) : undefined;
    return g.convInput(up(d, t.f), w, g.convGeometry({ padding: t.padding }), image, bias);
  },
  "conv(Up(x), w)": (t, inputs, { up }) => {
    const reached = [0, 1].map((a) => t.f * t.size[a]! + t.padding[a]![0] + t.padding[a]![1] - t.kernel[a]!);
    if (Math.min(...reached) < 0) return undefined;
    const x = inputs.tensor([t.n, t.c, ...t.size]);
    const bias = t.bias ? inputs.tensor([t.o]) : undefined;
    return g.conv2d(up(x, t.f), inputs.tensor([t.o, t.c, ...t.kernel]), bias, { padding: t.padding });
  },
  "convWeight(x, Up(d))": (t, inputs, { up }) => {
    const image = imageSize([t.f * t.size[0], t.f * t.size[1]], t);
    if (Math.min(...image) < 1) return undefined;
    const x = inputs.tensor([t.n, t.c, ...image]);
    const d = inputs.tensor([t.n, t.o, ...t.size]);
    return g.convWeight(x, up(d, t.f), g.convGeometry({ padding: t.padding }), t.kernel);
  },
  "convWeight(Up(x), d)": (t, inputs, { up }) => {
    const d = [0, 1].map((a) => t.f * t.size[a]! + t.padding[a]![0] + t.padding[a]![1] - t.kernel[a]! + 1);
    if (Math.min(...d) < 1) return undefined;
    const x = inputs.tensor([t.n, t.c, ...t.size]);
    return g.convWeight(
      up(x, t.f),
      inputs.tensor([t.n, t.o, ...d]),
      g.convGeometry({ padding: t.padding }),
      t.kernel,
    );
  },
};

const without = { ...CPU, rewrites: { fold: false } };
const RESAMPLING = ["sumPool", "upsampleNearest", "pad", "slice"];

describe.each(Object.entries(kinds))("%s", (_, kind) => {
  describe.each(Object.entries(identities))("%s", (_name, identity) => {
    it("is folded, and equal", () =>
      check(cases(0), 25, async (t) => {
        const inputs = new Inputs(t.seed);
        const y = identity(t, inputs, kind);
        if (!y) return;
        const folded = optimize({ y }, CPU);
        const operators = topologicalOrder([folded.y!]).map((node) => node.primitive.name);
        expect(
          operators.filter((name) => RESAMPLING.includes(name)),
          print(folded),
        ).toEqual([]);
        expectSame(await inputs.run({ y }), await inputs.run({ y }, without));
      }));

    it("is equal for padding beyond the kernel, where not every form can be folded", () =>
      check(cases(2), 15, async (t) => {
        const inputs = new Inputs(t.seed);
        const y = identity(t, inputs, kind);
        if (y) expectSame(await inputs.run({ y }), await inputs.run({ y }, without));
      }));
  });
});

describe("what looks like resampling and is not", () => {
  const equal = async (make: (conv: Tensor, inputs: Inputs) => Tensor): Promise<void> => {
    const inputs = new Inputs(3);
    const x = inputs.tensor([2, 2, 6, 6]);
    const y = make(g.conv2d(x, inputs.tensor([2, 2, 3, 3]), undefined, { padding: 1 }), inputs);
    expectSame(await inputs.run({ y }), await inputs.run({ y }, without));
  };

  it("every other image, or channel, as well as every other pixel", async () => {
    await equal((conv) => g.slice(conv, [0, 0, 0, 0], conv.shape, [2, 1, 2, 2]));
    await equal((conv) => g.slice(conv, [0, 0, 0, 0], conv.shape, [1, 2, 2, 2]));
  });
  it("every other pixel from the second, or up to the last but one", async () => {
    await equal((conv) => g.slice(conv, [0, 0, 1, 1], conv.shape, [1, 1, 2, 2]));
    await equal((conv) => g.slice(conv, [0, 0, 0, 0], [2, 2, 5, 5], [1, 1, 2, 2]));
  });
  it("other factors along the two axes", () =>
    equal((conv) => g.slice(conv, [0, 0, 0, 0], conv.shape, [1, 1, 2, 3])));
  it("zeros in front, or more zeros at the end than between", async () => {
    const convolve = (x: Tensor, inputs: Inputs): Tensor =>
      g.conv2d(x, inputs.tensor([2, 2, 3, 3]), undefined, { padding: 1 });
    await equal((conv, inputs) => convolve(g.pad(conv, [0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 1, 1]), inputs));
    await equal((conv, inputs) => convolve(g.pad(conv, [0, 0, 0, 0], [0, 0, 2, 2], [0, 0, 1, 1]), inputs));
    await equal((conv, inputs) => convolve(g.pad(conv, [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]), inputs));
  });
  it("a convolution that somebody else needs at full size", async () => {
    const inputs = new Inputs(3);
    const conv = g.conv2d(inputs.tensor([1, 2, 4, 4]), inputs.tensor([2, 2, 3, 3]), undefined, {
      padding: 1,
    });
    const results = { conv, pooled: g.sumPool(conv, 2) };
    expectSame(await inputs.run(results), await inputs.run(results, without));
  });
});
