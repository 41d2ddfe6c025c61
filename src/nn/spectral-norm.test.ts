import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { randomStream } from "../base/random.ts";
import { gradients, input, mul, type Shape, sizeOf, sum, type Tensor } from "../graph/index.ts";
import { evaluate, type Values } from "../graph/testing/evaluate.ts";
import { traceNetwork } from "./scope.ts";
import { spectralNormalize } from "./spectral-norm.ts";

const gaussian = (n: number): Float32Array => {
  const random = randomStream(4, `spectral norm ${n}`);
  return Float32Array.from({ length: n }, () => random.normal());
};

/**
 * Largest singular value of a matrix [rows, columns]: power iteration on MᵀM in double precision,
 * from ones, to the end.
 */
function largestSingularValue(matrix: Float32Array, rows: number, columns: number): number {
  let u = new Array<number>(columns).fill(1).map((v, i) => v + i / columns);
  let norm = 0;
  for (let round = 0; round < 2000; round++) {
    const v = Array.from({ length: rows }, (_, r) =>
      u.reduce((s, x, c) => s + x * matrix[r * columns + c]!, 0),
    );
    const next = u.map((_, c) => v.reduce((s, x, r) => s + x * matrix[r * columns + c]!, 0));
    norm = Math.hypot(...next);
    u = next.map((x) => x / norm);
  }
  return Math.sqrt(norm);
}

/** Evaluate the layer `times` times, its vector carried on. */
async function iterate(shape: Shape, kernel: Float32Array, times: number, training = true) {
  const trace = traceNetwork("net", training);
  const weight = input("kernel", shape);
  const normalized = spectralNormalize(trace.scope, weight);
  const [owned] = trace.buffers;
  let u: Values = owned!.initialize(owned!.shape, randomStream(1, "u"));
  const started = u.slice();
  let result: Values = kernel;
  for (let i = 0; i < times; i++) {
    const values = new Map<Tensor, Values>([
      [weight, kernel],
      [owned!.leaf, u],
    ]);
    const out = await evaluate({ normalized, next: owned!.current }, values);
    [result, u] = [out.normalized!, out.next!];
  }
  return { normalized: result as Float32Array, u: u as Float32Array, started, trace };
}

describe("the normalized kernel", () => {
  it("has the largest singular value 1 after many evaluations, for any shape", async () => {
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(1, 3),
    );
    await fc.assert(
      fc.asyncProperty(shapes, async ([out, into, size]) => {
        const shape = size === 1 ? [out, into] : [out, into, size, size];
        const kernel = gaussian(sizeOf(shape));
        const { normalized, u } = await iterate(shape, kernel, 120);
        expect(largestSingularValue(normalized, out, sizeOf(shape) / out)).toBeCloseTo(1, 2);
        expect(Math.hypot(...u)).toBeCloseTo(1, 4);
      }),
      // Seeded: how fast two nearly equal singular values are told apart depends on the kernel.
      { numRuns: 10, seed: 1 },
    );
  });

  it("is the kernel divided by σ, with the entries of u in the order of the kernel's rows", async () => {
    const kernel = new Float32Array(2 * 2 * 3 * 3);
    // One large entry: the singular vector points at its place.
    kernel[18 + 9 + 4] = -5;
    kernel[0] = 1;
    const { normalized, u } = await iterate([2, 2, 3, 3], kernel, 60);
    expectClose(
      normalized,
      kernel.map((v) => v / 5),
      { relative: 1e-5, name: "kernel" },
    );
    expect([...u].map((v) => Math.round(Math.abs(v) * 1e4))).toEqual(
      Array.from({ length: 18 }, (_, i) => (i === 13 ? 1e4 : 0)),
    );
  });
});

it("keeps one vector of the length of a row, begun at random and not normalized", async () => {
  const { started, trace } = await iterate([3, 40, 3, 3], gaussian(1080), 0);
  expect(trace.buffers.map(({ name, shape }) => [name, shape])).toEqual([["net/u", [360]]]);
  expect(Math.hypot(...(started as Float32Array))).toBeGreaterThan(15);
});

it("leaves the vector alone at inference", async () => {
  const { u, started } = await iterate([3, 5], gaussian(15), 3, false);
  expect(u).toEqual(started);
});

it("differentiates σ with the singular vectors held constant: dσ/dM = v u′ᵀ", async () => {
  const [rows, columns] = [3, 4];
  const kernel = gaussian(rows * columns);
  const dy = gaussian(rows * columns + 1).subarray(1);
  const trace = traceNetwork("net", true);
  const weight = input("kernel", [rows, columns]);
  const y = spectralNormalize(trace.scope, weight);
  const direction = input("dy", [rows, columns]);
  const [gradient] = gradients(sum(mul(y, direction)), [weight]);
  const u = gaussian(columns);
  const values = new Map<Tensor, Values>([
    [weight, kernel],
    [direction, dy],
    [trace.buffers[0]!.leaf, u],
  ]);
  const out = await evaluate({ gradient: gradient! }, values);

  const unit = (a: number[]): number[] => a.map((x) => x / Math.hypot(...a));
  const at = (r: number, c: number): number => kernel[r * columns + c]!;
  const v = unit(Array.from({ length: rows }, (_, r) => u.reduce((s, x, c) => s + x * at(r, c), 0)));
  const next = unit(Array.from({ length: columns }, (_, c) => v.reduce((s, x, r) => s + x * at(r, c), 0)));
  const sigma = v.reduce((s, x, r) => s + next.reduce((t, w, c) => t + x * w * at(r, c), 0), 0);
  const inner = kernel.reduce((s, w, i) => s + w * dy[i]!, 0);
  // d(W/σ)/dW applied to dy: dy/σ − ⟨W, dy⟩/σ² · v u′ᵀ
  const expected = [...dy].map(
    (d, i) => d / sigma - (inner / sigma ** 2) * v[Math.floor(i / columns)]! * next[i % columns]!,
  );
  expectClose(out.gradient as Float32Array, expected, { relative: 1e-4, name: "gradient" });
});
