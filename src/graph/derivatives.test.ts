/**
 * First and second derivatives of every differentiable primitive, and of what networks make of
 * them, against finite differences over random shapes. Values against PyTorch are in
 * test/primitives.test.ts.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import * as g from "./index.ts";
import { expectDerivatives } from "./testing/derivatives.ts";
import {
  anywhere,
  apart,
  awayFromZero,
  broadcastable,
  check,
  Inputs,
  positives,
  type Sampler,
  seeds,
  shapes,
  sizes,
} from "./testing/samples.ts";

const RUNS = 6;

type Unary = (x: g.Tensor) => g.Tensor;
const unary: readonly (readonly [string, Unary, Sampler])[] = [
  ["neg", g.neg, anywhere],
  ["exp", g.exp, anywhere],
  ["log", g.log, positives],
  ["sqrt", g.sqrt, positives],
  ["tanh", g.tanh, anywhere],
  ["sigmoid", g.sigmoid, anywhere],
  ["relu", g.relu, awayFromZero],
  ["leakyRelu", (x) => g.leakyRelu(x, 0.2), awayFromZero],
  ["abs", g.abs, awayFromZero],
  ["softplus", g.softplus, awayFromZero],
  ["x · positive(x)", (x) => g.mul(x, g.positive(x)), awayFromZero],
  ["x² · x", (x) => g.mul(g.mul(x, x), x), anywhere],
];

describe("of one argument", () => {
  it.each(unary)("%s", (_, f, sampler) =>
    check(fc.tuple(shapes(), seeds), RUNS, async ([shape, seed]) => {
      const inputs = new Inputs(seed);
      await expectDerivatives(inputs, [inputs.tensor(shape, sampler)], f);
    }),
  );
});

type Binary = (a: g.Tensor, b: g.Tensor) => g.Tensor;
const binary: readonly (readonly [string, Binary, Sampler, Sampler])[] = [
  ["add", g.add, anywhere, anywhere],
  ["sub", g.sub, anywhere, anywhere],
  ["mul", g.mul, anywhere, anywhere],
  ["div", g.div, anywhere, awayFromZero],
  // Values of the two never meet: half the distance between values lies between them.
  ["maximum", g.maximum, apart(0), apart(0.5)],
  ["minimum", g.minimum, apart(0), apart(0.5)],
];

describe("of two arguments that broadcast", () => {
  it.each(binary)("%s", (_, f, first, second) =>
    check(fc.tuple(broadcastable(2), seeds), RUNS, async ([[a, b], seed]) => {
      const inputs = new Inputs(seed);
      const x = inputs.tensor(a!, first);
      const y = inputs.tensor(b!, second);
      await expectDerivatives(inputs, [x, y], f);
    }),
  );

  it("where", () =>
    check(fc.tuple(broadcastable(3), seeds), RUNS, async ([[c, a, b], seed]) => {
      const inputs = new Inputs(seed);
      const condition = g.greater(inputs.tensor(c!), 0);
      await expectDerivatives(inputs, [inputs.tensor(a!), inputs.tensor(b!)], (x, y) =>
        g.where(condition, g.mul(x, x), g.mul(y, x)),
      );
    }));
});

describe("reductions and moves", () => {
  const reductions = fc
    .record({ shape: shapes(1, 4, 3), keepDims: fc.boolean(), seed: seeds })
    .chain((base) =>
      fc
        .subarray(
          base.shape.map((_, i) => i),
          { minLength: 1 },
        )
        .map((axes) => ({ ...base, axes })),
    );

  it("sum and mean of squares", () =>
    check(reductions, RUNS, async ({ shape, axes, keepDims, seed }) => {
      const inputs = new Inputs(seed);
      await expectDerivatives(inputs, [inputs.tensor(shape)], (x) => g.sum(g.mul(x, x), axes, keepDims));
      await expectDerivatives(inputs, [inputs.tensor(shape)], (x) => g.mean(g.mul(x, x), axes, keepDims));
    }));

  it("max", () =>
    check(reductions, RUNS, async ({ shape, axes, keepDims, seed }) => {
      const inputs = new Inputs(seed);
      const square = (x: g.Tensor): g.Tensor => g.mul(x, x);
      await expectDerivatives(inputs, [inputs.tensor(shape, apart(0.3))], (x) =>
        square(g.max(x, axes, keepDims)),
      );
    }));

  it("logSoftmax", () =>
    check(fc.tuple(shapes(1, 3), seeds), RUNS, async ([shape, seed]) => {
      const inputs = new Inputs(seed);
      await expectDerivatives(inputs, [inputs.tensor(shape)], (x) => g.logSoftmax(x));
      await expectDerivatives(inputs, [inputs.tensor(shape)], (x) => g.logSoftmax(x, 0));
    }));

  it("reshape, transpose, reverse, broadcastTo, slice, pad, concat", () =>
    check(fc.tuple(sizes(4, 2), sizes(5, 3), seeds), RUNS, async ([a, b, seed]) => {
      const inputs = new Inputs(seed);
      await expectDerivatives(inputs, [inputs.tensor([a, b]), inputs.tensor([b, a])], (x, y) => {
        const turned = g.reverse(g.transpose(g.mul(x, x), [1, 0]), [0]);
        const cut = g.slice(g.mul(turned, y), [1, 0], [b, a], [2, 1]);
        const padded = g.pad(cut, [1, 0], [0, 2], [1, 2]);
        const joined = g.concat([padded, g.tanh(padded)], 0);
        return g.mul(joined, g.broadcastTo(g.reshape(g.sum(y), [1, 1]), joined.shape));
      });
    }));

  it("gather and scatterAdd", () =>
    check(fc.tuple(sizes(4), sizes(6), shapes(0, 2), seeds), RUNS, async ([rows, count, rest, seed]) => {
      const inputs = new Inputs(seed);
      const indices = inputs.indices(count, rows);
      const x = inputs.tensor([rows, ...rest]);
      await expectDerivatives(inputs, [x], (t) => {
        const picked = g.gather(g.mul(t, t), indices);
        return g.mul(g.scatterAdd(g.exp(picked), indices, rows + 1), 0.5);
      });
    }));
});

describe("matrix products", () => {
  const stacks = fc.constantFrom(["", ""], ["s", ""], ["", "s"], ["s", "s"]);
  it("matmul, transposed or not, stacked or not", () =>
    check(
      fc.tuple(sizes(4), sizes(4), sizes(4), sizes(3), fc.boolean(), fc.boolean(), stacks, seeds),
      2 * RUNS,
      async ([m, k, n, s, ta, tb, [left, right], seed]) => {
        const inputs = new Inputs(seed);
        const a = inputs.tensor([...(left ? [s] : []), ...(ta ? [k, m] : [m, k])]);
        const b = inputs.tensor([...(right ? [s] : []), ...(tb ? [n, k] : [k, n])]);
        await expectDerivatives(inputs, [a, b], (x, y) => g.matmul(x, y, ta, tb));
      },
    ));
});

describe("feature maps", () => {
  const convolutions = fc.record({
    n: sizes(2),
    c: sizes(3),
    o: sizes(3),
    h: sizes(7, 4),
    w: sizes(7, 4),
    kh: sizes(3),
    kw: sizes(3),
    stride: fc.tuple(sizes(3), sizes(3)),
    pads: fc.tuple(fc.tuple(fc.nat(2), fc.nat(2)), fc.tuple(fc.nat(2), fc.nat(2))),
    bias: fc.boolean(),
    seed: seeds,
  });

  it("conv2d, and through its gradient convInput and convWeight", () =>
    check(convolutions, 2 * RUNS, async ({ n, c, o, h, w, kh, kw, stride, pads, bias, seed }) => {
      const inputs = new Inputs(seed);
      const variables = [inputs.tensor([n, c, h, w]), inputs.tensor([o, c, kh, kw])];
      if (bias) variables.push(inputs.tensor([o]));
      await expectDerivatives(inputs, variables, (x, k, b) =>
        g.tanh(g.conv2d(x, k, b, { stride, padding: pads })),
      );
    }));

  const grouped = fc.record({
    n: sizes(2),
    groups: sizes(3),
    into: sizes(2),
    out: sizes(3),
    side: sizes(6, 4),
    kernel: sizes(3),
    stride: sizes(2),
    padding: fc.nat(2),
    seed: seeds,
  });

  it("groupedConv2d, and through its gradient groupedConvInput and groupedConvWeight", () =>
    check(grouped, RUNS, async ({ n, groups, into, out, side, kernel, stride, padding, seed }) => {
      const inputs = new Inputs(seed);
      const variables = [
        inputs.tensor([n, groups * into, side, side]),
        inputs.tensor([groups * out, into, kernel, kernel]),
      ];
      await expectDerivatives(inputs, variables, (x, w) =>
        g.tanh(g.groupedConv2d(x, w, groups, { stride, padding })),
      );
    }));

  it("groupedConvInput and groupedConvWeight as operations of their own", () =>
    check(grouped, RUNS, async ({ n, groups, into, out, side, kernel, stride, padding, seed }) => {
      const inputs = new Inputs(seed);
      const geometry = g.convGeometry({ stride, padding });
      const x = inputs.tensor([n, groups * into, side, side]);
      const w = inputs.tensor([groups * out, into, kernel, kernel]);
      const d = inputs.tensor(g.groupedConv2d(x, w, groups, { stride, padding }).shape);
      await expectDerivatives(inputs, [d, w], (t, k) =>
        g.tanh(g.groupedConvInput(t, k, groups, geometry, [side, side])),
      );
      await expectDerivatives(inputs, [x, d], (image, t) =>
        g.groupedConvWeight(image, t, groups, geometry, [kernel, kernel]),
      );
    }));

  it("convInput and convWeight as operations of their own", () =>
    check(convolutions, RUNS, async ({ n, c, o, h, w, kh, kw, stride, pads, seed }) => {
      const inputs = new Inputs(seed);
      const geometry = g.convGeometry({ stride, padding: pads });
      const d = g.conv2d(g.input("x", [n, c, h, w]), g.input("w", [o, c, kh, kw]), undefined, {
        stride,
        padding: pads,
      }).shape;
      await expectDerivatives(inputs, [inputs.tensor(d), inputs.tensor([o, c, kh, kw])], (t, k) =>
        g.tanh(g.convInput(t, k, geometry, [h, w])),
      );
      await expectDerivatives(inputs, [inputs.tensor([n, c, h, w]), inputs.tensor(d)], (x, t) =>
        g.convWeight(x, t, geometry, [kh, kw]),
      );
    }));

  it("sumPool, upsampleNearest, upsampleBilinear and its adjoint", () =>
    check(
      fc.tuple(sizes(2), sizes(2), sizes(3), sizes(3), sizes(3), seeds),
      RUNS,
      async ([n, c, h, w, f, seed]) => {
        const inputs = new Inputs(seed);
        const square = (x: g.Tensor): g.Tensor => g.mul(x, x);
        await expectDerivatives(inputs, [inputs.tensor([n, c, f * h, f * w])], (x) =>
          square(g.sumPool(square(x), f)),
        );
        await expectDerivatives(inputs, [inputs.tensor([n, c, h, w])], (x) =>
          square(g.upsampleNearest(square(x), f)),
        );
        await expectDerivatives(inputs, [inputs.tensor([n, c, h, w])], (x) =>
          square(g.upsampleBilinear(square(x))),
        );
        await expectDerivatives(inputs, [inputs.tensor([n, c, 2 * h, 2 * w])], (x) =>
          square(g.upsampleBilinearAdjoint(square(x))),
        );
      },
    ));
});

describe("what networks are made of", () => {
  it("batch normalization, convolution, ReLU and pooling, twice differentiated (a gradient penalty)", () =>
    check(fc.tuple(sizes(3, 2), sizes(2), seeds), RUNS, async ([n, c, seed]) => {
      const inputs = new Inputs(seed);
      const x = inputs.tensor([n, c, 4, 4]);
      const kernel = inputs.tensor([c, c, 3, 3]);
      const gain = inputs.tensor([1, c, 1, 1], positives);
      await expectDerivatives(inputs, [x, kernel, gain], (image, k, gamma) => {
        const centered = g.sub(image, g.mean(image, [0, 2, 3], true));
        const variance = g.mean(g.mul(centered, centered), [0, 2, 3], true);
        const normalized = g.mul(g.div(centered, g.sqrt(g.add(variance, 0.1))), gamma);
        const h = g.conv2d(g.softplus(normalized), k, undefined, { padding: 1 });
        return g.sum(g.tanh(g.sumPool(h, 2)), [2, 3]);
      });
    }));

  it("spectral normalization with fixed vectors", () =>
    check(fc.tuple(sizes(4), sizes(5), seeds), RUNS, async ([o, i, seed]) => {
      const inputs = new Inputs(seed);
      const [u, v] = [inputs.tensor([1, o], positives), inputs.tensor([i, 1], positives)];
      await expectDerivatives(inputs, [inputs.tensor([o, i], positives)], (w) =>
        g.div(w, g.reshape(g.matmul(g.matmul(u, w), v), [])),
      );
    }));
});
