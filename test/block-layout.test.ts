/**
 * The blocked layout changes no result: single convolutions of any kernel, stride, padding and
 * number of channels, and random graphs that stay in the layout from end to end. The block is what
 * the probe finds on this machine; where the layout does not work there is nothing to test.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInThreadEngine } from "../src/engine/node.node.ts";
import * as g from "../src/graph/index.ts";
import { build, plans } from "../src/graph/testing/expressions.ts";
import { check, expectSame, Inputs, seeds, sizes } from "../src/graph/testing/samples.ts";

const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
const { target } = engine;
await engine.close();
const { block } = target;
if (block === 0)
  console.warn("Skipped: the blocked layout does not work on this machine (the engine's probe says so).");

const plain: g.Target = { ...target, block: 0 };

/** Equal with and without blocks; and blocks were used, if `used` says so. */
async function expectEqual(inputs: Inputs, results: Record<string, g.Tensor>, used?: boolean): Promise<void> {
  const actual = await inputs.run(results, target);
  expectSame(actual, await inputs.run(results, plain), 1e-4, 0.1);
  if (used !== undefined)
    expect(/ = blockedConv/.test(g.print(g.optimize(results, target))), g.print(results)).toBe(used);
}

describe.skipIf(block === 0)(`blocks of ${block}`, () => {
  /** Whole blocks, fewer than one, and numbers that no block divides. */
  const channels = fc.oneof(
    { weight: 3, arbitrary: sizes(3).map((n) => n * block) },
    { weight: 1, arbitrary: sizes(block - 1) },
    { weight: 1, arbitrary: sizes(2 * block + 3) },
  );
  const geometries = fc
    .record({
      n: sizes(3),
      c: channels,
      o: channels,
      kernel: fc.tuple(sizes(5), sizes(5)),
      extra: fc.tuple(fc.nat(6), fc.nat(6)),
      stride: fc.oneof(
        sizes(3).map((s) => [s, s] as [number, number]),
        fc.tuple(sizes(3), sizes(3)),
      ),
      dilation: fc.oneof(
        { weight: 3, arbitrary: fc.constant<[number, number]>([1, 1]) },
        { weight: 1, arbitrary: fc.tuple(sizes(2), sizes(2)) },
      ),
      padding: fc.tuple(fc.tuple(fc.nat(3), fc.nat(3)), fc.tuple(fc.nat(3), fc.nat(3))),
      bias: fc.boolean(),
      slope: fc.constantFrom(undefined, 0, 0.1),
      seed: seeds,
    })
    .map((r) => {
      const size = ([0, 1] as const).map((axis) => {
        const reach = r.dilation[axis] * (r.kernel[axis] - 1) + 1;
        return Math.max(1, reach - r.padding[axis][0] - r.padding[axis][1]) + r.extra[axis];
      }) as [number, number];
      return { ...r, size, options: { stride: r.stride, dilation: r.dilation, padding: r.padding } };
    });

  const activate = (x: g.Tensor, slope: number | undefined): g.Tensor =>
    slope === undefined ? x : slope === 0 ? g.relu(x) : g.leakyRelu(x, slope);

  it("conv2d and its gradients", () =>
    check(geometries, 60, async ({ n, c, o, kernel, size, options, bias, slope, seed }) => {
      const inputs = new Inputs(seed);
      const variables = [inputs.tensor([n, c, ...size]), inputs.tensor([o, c, ...kernel])];
      if (bias) variables.push(inputs.tensor([o]));
      const conv = g.conv2d(variables[0]!, variables[1]!, variables[2], options);
      const y = activate(conv, slope);
      // A cube keeps the gradients toward y from being a plain input.
      const loss = g.mean(g.mul(g.mul(y, y), y));
      const found = g.gradients(loss, variables);
      const blocked = c % block === 0 || (c < block && o % block === 0) || undefined;
      await expectEqual(inputs, { y, ...Object.fromEntries(found.map((t, i) => [`d${i}`, t])) }, blocked);
    }));

  it("weight gradients of batches that fill blocks, as direct convolutions", () =>
    check(geometries, 30, async ({ n, c, o, kernel, size, options, seed }) => {
      const inputs = new Inputs(seed);
      const x = inputs.tensor([n * block, c, ...size]);
      const w = inputs.tensor([o, c, ...kernel]);
      const y = g.conv2d(x, w, undefined, options);
      const [dw] = g.gradients(g.mean(g.mul(g.mul(y, y), y)), [w]);
      const actual = await inputs.run({ dw: dw! }, target);
      const without: g.Target = { ...target, rewrites: { directWeights: false } };
      expectSame(actual, await inputs.run({ dw: dw! }, without), 1e-4, 0.1);
      const direct = o % block === 0 && options.dilation.every((step) => step === 1);
      const form = (t: g.Target) => /blockedConvWeight|convWeight/.test(g.print(g.optimize({ dw: dw! }, t)));
      if (direct && c % block === 0) expect([form(target), form(without)]).toEqual([false, true]);
    }));

  it("wide 3 × 3 convolutions by minimal filtering, with bias, residual sum and ReLU", () =>
    check(
      fc.record({
        n: sizes(2),
        height: sizes(5),
        tiles: sizes(3),
        padding: fc.tuple(fc.nat(2), fc.nat(2)),
        extra: fc.nat(1),
        bias: fc.boolean(),
        residual: fc.boolean(),
        relu: fc.boolean(),
        seed: seeds,
      }),
      10,
      async ({ n, height, tiles, padding, extra, bias, residual, relu, seed }) => {
        const inputs = new Inputs(seed);
        const channels = 128;
        const outputs = channels + extra * block;
        const high = height + 2 - Math.min(2, padding[0] + padding[1]);
        const x = inputs.tensor([n, channels, high, 4 * tiles]);
        const w = inputs.tensor([outputs, channels, 3, 3]);
        const options = { padding: [padding, [1, 1]] as const };
        const conv = g.conv2d(x, w, bias ? inputs.tensor([outputs]) : undefined, options);
        const sum = residual ? g.add(conv, inputs.tensor(conv.shape)) : conv;
        const y = relu ? g.relu(sum) : sum;
        const [dx, dw] = g.gradients(g.mean(g.mul(g.mul(y, y), y)), [x, w]);
        const results = { y, dx: dx!, dw: dw! };
        const without: g.Target = { ...target, rewrites: { winograd: false } };
        expectSame(await inputs.run(results, target), await inputs.run(results, without), 1e-4, 0.1);
        const inTiles = (t: g.Target) => /kernel=\[3,1\]/.test(g.print(g.optimize(results, t)));
        expect([inTiles(target), inTiles(without)]).toEqual([true, false]);
      },
    ));

  it("convInput as a network uses it, with bias and ReLU", () =>
    check(geometries, 60, async ({ n, c, o, kernel, size, options, bias, slope, seed }) => {
      const inputs = new Inputs(seed);
      const [x, w] = [inputs.tensor([n, c, ...size]), inputs.tensor([o, c, ...kernel])];
      const d = inputs.tensor(g.conv2d(x, w, undefined, options).shape);
      const back = g.convInput(d, w, g.convGeometry(options), size, bias ? inputs.tensor([c]) : undefined);
      const y = activate(back, slope);
      await expectEqual(inputs, { y, again: g.conv2d(g.tanh(y), w, undefined, options) });
    }));

  it("the transposed convolutions that resampling is folded into", () =>
    check(
      fc.tuple(
        sizes(2),
        sizes(2),
        sizes(2),
        sizes(5, 2),
        sizes(4, 2),
        fc.constantFrom("zeros", "repeat"),
        seeds,
      ),
      40,
      async ([n, c, o, side, k, kind, seed]) => {
        const inputs = new Inputs(seed);
        const x = inputs.tensor([n, c * block, side, side]);
        const w = inputs.tensor([o * block, c * block, k, k]);
        const up =
          kind === "zeros" ? g.pad(x, [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]) : g.upsampleNearest(x, 2);
        const low = Math.floor((k - 1) / 2);
        const around = [low, k - 1 - low] as const;
        const y = g.conv2d(up, w, undefined, { padding: [around, around] });
        const [dx, dw] = g.gradients(g.mean(g.mul(y, y)), [x, w]);
        await expectEqual(inputs, { y, dx: dx!, dw: dw! }, true);
      },
    ));

  const shape = fc.record({
    n: sizes(3),
    c: sizes(2).map((blocks) => blocks * block),
    side: fc.constantFrom(2, 4, 6),
  });
  it("random graphs and their gradients", () =>
    check(plans(shape, 8), 60, async (plan) => {
      const { inputs, results } = build(plan);
      await expectEqual(inputs, results);
    }));
});
