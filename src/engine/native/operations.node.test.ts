/**
 * Every operation on oneDNN gives what ONNX Runtime gives, in float32 and, within rounding, in
 * bfloat16.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { describeWith } from "../../../test/support/needs.ts";
import * as g from "../../graph/index.ts";
import { evaluate } from "../../graph/testing/evaluate.ts";
import { build, MOVES, plans } from "../../graph/testing/expressions.ts";
import { check, expectSame, Inputs, sizes } from "../../graph/testing/samples.ts";
import { openForTests, relativeError, runNative } from "./testing/run.ts";

const { dnnl, missing } = await openForTests();
const names = Object.keys(MOVES);
/** Narrow maps are computed by loops, wide ones by oneDNN. */
const shapeOf = (c: number) => ({ n: 2, c, side: 6 });

describeWith(missing, "operations on maps and their gradients", () => {
  it.each(names)("%s", async (name) => {
    for (const c of [3, 16]) {
      const { inputs, results } = build({ shape: shapeOf(c), moves: [[name, 0, 1]], seed: 5 });
      const expected = await inputs.run(results);
      expectSame(runNative(dnnl!, results, inputs.values, "f32").results, expected, 1e-4, 0.1);
      const rounded = runNative(dnnl!, results, inputs.values, "bf16").results;
      for (const [key, values] of Object.entries(expected)) {
        const exact = values as Float32Array;
        // What cancels to nothing is all rounding.
        if (exact.some((v) => Math.abs(v) > 1e-2))
          expect(relativeError(rounded[key]!, exact), `${key} of ${c} channels`).toBeLessThan(0.06);
      }
    }
  });

  it("many after one another", () =>
    check(
      plans(fc.record({ n: sizes(3), c: fc.constantFrom(2, 8, 16), side: fc.constantFrom(4, 6) }), 6),
      25,
      async (plan) => {
        const { inputs, results } = build(plan);
        expectSame(
          runNative(dnnl!, results, inputs.values, "f32").results,
          await inputs.run(results),
          2e-4,
          0.1,
        );
      },
    ));

  it("no primitive is a reference implementation, channels in odd numbers included", () => {
    const labels = names.flatMap((name) =>
      [8, 9, 16].flatMap((c) => {
        const { inputs, results } = build({ shape: shapeOf(c), moves: [[name, 0, 1]], seed: 1 });
        return runNative(dnnl!, results, inputs.values, "bf16").labels;
      }),
    );
    expect(labels.filter((label) => /\bref\b/.test(label))).toEqual([]);
  });
});

describeWith(missing, "operations on plain values", () => {
  const inputs = new Inputs(3);
  const [long, other] = [inputs.tensor([5000]), inputs.tensor([5000])];
  const scalar = inputs.tensor([]);
  const [matrix, square] = [inputs.tensor([70, 60]), inputs.tensor([3, 60, 60])];
  const rows = inputs.indices(7, 70);
  const positiveLong = g.add(g.mul(long, long), 0.1);
  const results: Record<string, g.Tensor> = {
    adam: g.sub(long, g.div(g.mul(other, scalar), g.add(g.sqrt(positiveLong), 1e-8))),
    moments: g.add(g.mul(long, 0.9), g.mul(g.mul(other, other), 0.1)),
    reciprocal: g.div(1, positiveLong),
    difference: g.sub(scalar, long),
    absolute: g.abs(g.neg(long)),
    logarithm: g.log(g.exp(long)),
    product: g.matmul(matrix, g.reshape(g.slice(square, [1, 0, 0], [2, 60, 60]), [60, 60])),
    stacked: g.matmul(square, square, true, true),
    stackedWithOne: g.matmul(square, matrix, false, true),
    transposed: g.transpose(square, [2, 0, 1]),
    joined: g.concat([long, g.reshape(matrix, [-1]), g.mul(other, 2), long], 0),
    columns: g.concat([matrix, g.mul(matrix, 2)], 1),
    gathered: g.gather(matrix, rows),
    scattered: g.scatterAdd(g.gather(matrix, rows), rows, 70),
    largest: g.max(matrix, [1]),
    where: g.where(g.greater(matrix, 0), matrix, scalar),
    softmax: g.logSoftmax(matrix, 1),
    rounded: g.round(g.mul(matrix, 7)),
    halves: g.round(g.mul(g.round(g.mul(matrix, 7)), 0.5)),
    right: g.mean(g.cast(g.equal(g.argmax(matrix, 1), g.argmax(g.neg(matrix), 1)), "float32")),
    truncated: g.cast(g.cast(g.mul(matrix, 100), "int64"), "float32"),
  };

  it("are those of ONNX Runtime", async () => {
    const expected = await evaluate(results, inputs.values);
    expectSame(runNative(dnnl!, results, inputs.values, "f32").results, expected, 2e-5, 0.1);
  });

  it("long arithmetic takes few passes: an update of Adam is four", () => {
    const { adam } = results;
    const { labels } = runNative(dnnl!, { adam: adam! }, inputs.values, "f32");
    expect(labels.filter((label) => label.startsWith("loop"))).toEqual([]);
    expect(labels.length).toBeLessThanOrEqual(6);
  });

  it("an operation that nobody has is named", () => {
    const pooled = g.maxPool(inputs.tensor([1, 1, 4, 4]), { window: 2, stride: 2 });
    expect(() => runNative(dnnl!, { pooled }, inputs.values, "f32")).toThrow('no "maxPool"');
  });
});
