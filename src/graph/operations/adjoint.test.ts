/**
 * Every linear operation A and the one its gradient uses, A*, are adjoint: ⟨A x, d⟩ = ⟨x, A* d⟩ for
 * all x and d, over random sizes. Inner products are taken in double precision from float32
 * results.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradients } from "../autodiff.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { check, dot, expectNear, Inputs, seeds, shapes, sizes } from "../testing/samples.ts";
import * as g from "./index.ts";

const RUNS = 25;

/**
 * ⟨A x, d⟩ = ⟨x, ∇ₓ⟨A x, d⟩⟩, with the gradient as autodiff makes it; and A of the same for the
 * gradient's own gradient.
 */
async function expectAdjoint(inputs: Inputs, x: Tensor, linear: (x: Tensor) => Tensor): Promise<void> {
  const y = linear(x);
  const d = inputs.tensor(y.shape);
  const [back] = gradients(y, [x], d);
  expect(back!.shape).toEqual(x.shape);
  // back is linear in d: its adjoint by x must be A again.
  const [again] = gradients(back!, [d], x);
  const r = await inputs.run({ y, back: back!, again: again! });
  const scale = Math.sqrt(dot(r.y, r.y) * dot(inputs.of(d), inputs.of(d)));
  expectNear(dot(r.y, inputs.of(d)), dot(inputs.of(x), r.back), scale);
  expectNear(dot(r.again, inputs.of(d)), dot(r.y, inputs.of(d)), scale);
}

describe("convolutions", () => {
  const geometries = fc
    .record({
      n: sizes(3),
      c: sizes(4),
      o: sizes(4),
      kernel: fc.tuple(sizes(4), sizes(4)),
      extra: fc.tuple(fc.nat(6), fc.nat(6)),
      stride: fc.tuple(sizes(3), sizes(3)),
      dilation: fc.tuple(sizes(2), sizes(2)),
      padding: fc.tuple(fc.tuple(fc.nat(3), fc.nat(3)), fc.tuple(fc.nat(3), fc.nat(3))),
      seed: seeds,
    })
    .map((r) => ({
      ...r,
      // The image is at least as large as the kernel reaches less what the padding gives, and has at least one pixel.
      size: ([0, 1] as const).map((axis) => {
        const reach = r.dilation[axis] * (r.kernel[axis] - 1) + 1;
        return Math.max(1, reach - r.padding[axis][0] - r.padding[axis][1]) + r.extra[axis];
      }) as [number, number],
    }));

  it("⟨conv(x, w), d⟩ = ⟨x, convInput(d, w)⟩ = ⟨w, convWeight(x, d)⟩", () =>
    check(geometries, 120, async ({ n, c, o, kernel, stride, dilation, padding, size, seed }) => {
      const inputs = new Inputs(seed);
      const x = inputs.tensor([n, c, ...size]);
      const w = inputs.tensor([o, c, ...kernel]);
      const geometry = g.convGeometry({ stride, dilation, padding });
      const y = g.conv2d(x, w, undefined, { stride, dilation, padding });
      const d = inputs.tensor(y.shape);
      const r = await inputs.run({
        y,
        dx: g.convInput(d, w, geometry, size),
        dw: g.convWeight(x, d, geometry, kernel),
      });
      const scale = sizeOf(y.shape) * Math.sqrt(c * sizeOf(kernel));
      expectNear(dot(inputs.of(x), r.dx), dot(r.y, inputs.of(d)), scale);
      expectNear(dot(inputs.of(w), r.dw), dot(r.y, inputs.of(d)), scale);
    }));

  it("a bias is added to every pixel, in conv and in convInput", () =>
    check(
      fc.tuple(geometries, seeds),
      15,
      async ([{ n, c, o, kernel, stride, dilation, padding, size }, seed]) => {
        const inputs = new Inputs(seed);
        const x = inputs.tensor([n, c, ...size]);
        const w = inputs.tensor([o, c, ...kernel]);
        const [b, b2] = [inputs.tensor([o]), inputs.tensor([c])];
        const options = { stride, dilation, padding };
        const geometry = g.convGeometry(options);
        const plain = g.conv2d(x, w, undefined, options);
        const back = g.convInput(plain, w, geometry, size);
        const column = (t: Tensor): Tensor => g.reshape(t, [1, t.shape[0]!, 1, 1]);
        const r = await inputs.run({
          difference: g.sub(g.conv2d(x, w, b, options), g.add(plain, column(b))),
          difference2: g.sub(g.convInput(plain, w, geometry, size, b2), g.add(back, column(b2))),
        });
        for (const values of Object.values(r)) for (const v of values) expect(Math.abs(v)).toBeLessThan(1e-3);
      },
    ));
});

describe("resampling", () => {
  const cases = fc.tuple(sizes(2), sizes(3), sizes(4), sizes(4), sizes(3), seeds);
  it("sumPool, upsampleNearest, upsampleBilinear", () =>
    check(cases, RUNS, async ([n, c, h, w, f, seed]) => {
      const inputs = new Inputs(seed);
      await expectAdjoint(inputs, inputs.tensor([n, c, f * h, f * w]), (x) => g.sumPool(x, f));
      await expectAdjoint(inputs, inputs.tensor([n, c, h, w]), (x) => g.upsampleNearest(x, f));
      await expectAdjoint(inputs, inputs.tensor([n, c, h, w]), g.upsampleBilinear);
    }));
});

it("sums of patches that lie in zeros beside the map", async () => {
  // ONNX Runtime merges padding into pooling, and refuses what comes of it when the padding is as large as the window.
  const inputs = new Inputs(1);
  await expectAdjoint(inputs, inputs.tensor([1, 2, 2, 4]), (x) =>
    g.sumPool(g.pad(x, [0, 0, 2, 0], [0, 0, 2, 4]), 2),
  );
});

describe("moves", () => {
  const slices = fc
    .array(fc.tuple(sizes(6), fc.nat(5), fc.nat(5), sizes(3)), { minLength: 1, maxLength: 4 })
    .map((axes) =>
      axes.map(([n, from, length, stride]) => {
        const start = from % n;
        return { n, start, end: start + 1 + (length % (n - start)), stride };
      }),
    );

  it("slice and pad", () =>
    check(fc.tuple(slices, seeds), RUNS, async ([axes, seed]) => {
      const inputs = new Inputs(seed);
      const pick = (name: "n" | "start" | "end" | "stride"): number[] => axes.map((a) => a[name]);
      await expectAdjoint(inputs, inputs.tensor(pick("n")), (x) =>
        g.slice(x, pick("start"), pick("end"), pick("stride")),
      );
      const interior = pick("stride").map((s) => s - 1);
      await expectAdjoint(inputs, inputs.tensor(pick("n")), (x) =>
        g.pad(x, pick("start"), pick("end"), interior),
      );
    }));

  it("slice keeps start, start + stride, …; pad puts zeros before, between and after", async () => {
    const inputs = new Inputs(1);
    const x = inputs.tensor([5]);
    const [a, b, c, d, e] = inputs.of(x);
    const r = await inputs.run({
      slice: g.slice(x, [1], [5], [2]),
      pad: g.pad(g.slice(x, [0], [3]), [1], [2], [1]),
      reverse: g.reverse(x, [-1]),
    });
    expect([...r.slice]).toEqual([b, d]);
    expect([...r.pad]).toEqual([0, a, 0, b, 0, c, 0, 0]);
    expect([...r.reverse]).toEqual([e, d, c, b, a]);
  });

  it("a slice whose strides skip nothing", async () => {
    const inputs = new Inputs(1);
    const x = inputs.tensor([1, 3]);
    const r = await inputs.run({ y: g.slice(x, [0, 0], [1, 3], [2, 1]) });
    expect(r.y).toEqual(inputs.of(x));
  });

  it("transpose, reverse, reshape", () =>
    check(
      shapes(1, 4).chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          permutation: fc.shuffledSubarray(
            shape.map((_, i) => i),
            { minLength: shape.length },
          ),
          axes: fc.subarray(shape.map((_, i) => i)),
          seed: seeds,
        }),
      ),
      RUNS,
      async ({ shape, permutation, axes, seed }) => {
        const inputs = new Inputs(seed);
        await expectAdjoint(inputs, inputs.tensor(shape), (x) => g.transpose(x, permutation));
        await expectAdjoint(inputs, inputs.tensor(shape), (x) => g.reverse(x, axes));
        await expectAdjoint(inputs, inputs.tensor(shape), (x) => g.reshape(x, [shape[0]!, -1, 1]));
        await expectAdjoint(inputs, inputs.tensor(shape), (x) =>
          g.reshape(g.reverse(g.transpose(g.reverse(x, axes), permutation), axes), [-1]),
        );
      },
    ));

  it("broadcastTo, sum, concat", () =>
    check(
      fc.tuple(shapes(1, 3, 3), sizes(3), fc.nat(2), seeds),
      RUNS,
      async ([shape, repeat, place, seed]) => {
        const inputs = new Inputs(seed);
        const axis = place % shape.length;
        const one = shape.map((n, i) => (i === axis ? 1 : n));
        const many = shape.map((n, i) => (i === axis ? repeat : n));
        await expectAdjoint(inputs, inputs.tensor(one), (x) => g.broadcastTo(x, [2, ...many]));
        await expectAdjoint(inputs, inputs.tensor(shape), (x) => g.sum(x, [axis]));
        const other = inputs.tensor(many);
        await expectAdjoint(inputs, inputs.tensor(shape), (x) =>
          // Linear in x, whatever stands beside it.
          g.concat([x, g.mul(other, 0), x], axis),
        );
      },
    ));

  it("gather and scatterAdd, indices repeated or missing", () =>
    check(fc.tuple(sizes(5), sizes(8), shapes(0, 2), seeds), RUNS, async ([rows, count, rest, seed]) => {
      const inputs = new Inputs(seed);
      const indices = inputs.indices(count, rows);
      await expectAdjoint(inputs, inputs.tensor([rows, ...rest]), (x) => g.gather(x, indices));
      await expectAdjoint(inputs, inputs.tensor([count, ...rest]), (x) => g.scatterAdd(x, indices, rows));
    }));
});

describe("matmul", () => {
  it("by either side", () =>
    check(
      fc.tuple(
        sizes(4),
        sizes(5),
        sizes(4),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom("none", "left", "right", "both"),
        seeds,
      ),
      RUNS,
      async ([m, k, n, ta, tb, stacked, seed]) => {
        const inputs = new Inputs(seed);
        const stack = (side: string): number[] => (stacked === side || stacked === "both" ? [3] : []);
        const a = inputs.tensor([...stack("left"), ...(ta ? [k, m] : [m, k])]);
        const b = inputs.tensor([...stack("right"), ...(tb ? [n, k] : [k, n])]);
        await expectAdjoint(inputs, a, (x) => g.matmul(x, b, ta, tb));
        await expectAdjoint(inputs, b, (x) => g.matmul(a, x, ta, tb));
      },
    ));
});
