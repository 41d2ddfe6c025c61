/** Factors, eigenvalues, products and moments: what the metrics compute with. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { randomStream } from "../src/base/random.ts";
import { momentsBuilder, momentsOf } from "../src/metrics/extraction/moments.ts";
import { semidefiniteFactor } from "../src/metrics/linalg/cholesky.ts";
import { symmetricEigenvalues } from "../src/metrics/linalg/eigenvalues.ts";
import { matrix, PLAIN_PRODUCTS, transposed } from "../src/metrics/linalg/matrix.ts";
import { openProducts } from "../src/metrics/linalg/products.node.ts";
import { expectClose } from "./support/close.ts";

const golden = JSON.parse(readFileSync(new URL("goldens/metrics.json", import.meta.url), "utf8"));
const D: number = golden.dimensions;
const set = (name: string): Float32Array => Float32Array.from(golden.sets[name]);

const runtime = openProducts(1);
afterAll(() => runtime.close());

describe("linear algebra", () => {
  it("factors of semi-definite matrices of any rank give the matrix back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 0, max: 160 }),
        fc.integer(),
        async (n, rank, seed) => {
          const stream = randomStream(seed, "factor");
          const x = matrix(
            rank,
            n,
            new Float64Array(rank * n).map(() => stream.normal()),
          );
          const s = await PLAIN_PRODUCTS.multiply(x, x, true, false);
          const found = await semidefiniteFactor(matrix(n, n, s.data.slice()), PLAIN_PRODUCTS);
          expect(found.rank).toBe(Math.min(n, rank));
          const back = await PLAIN_PRODUCTS.multiply(found.factor, found.factor, false, true);
          expectClose(back.data, s.data, { relative: 1e-11, absolute: 1e-300, name: "F Fᵀ" });
        },
      ),
      { numRuns: 25 },
    );
  });

  it("eigenvalues of many equal ones, of zeros, and of a diagonal matrix", async () => {
    const n = 60;
    const ones = matrix(n, n, new Float64Array(n * n).fill(1));
    const found = await symmetricEigenvalues(ones, PLAIN_PRODUCTS);
    const expected = Array.from({ length: n }, (_, i) => (i === n - 1 ? n : 0));
    expectClose(found, expected, { relative: 1e-14, name: "ones" });
    expect([...(await symmetricEigenvalues(matrix(3, 3), PLAIN_PRODUCTS))]).toEqual([0, 0, 0]);
    const diagonal = matrix(3, 3, Float64Array.of(5, 0, 0, 0, -2, 0, 0, 0, 1));
    expect([...(await symmetricEigenvalues(diagonal, PLAIN_PRODUCTS))]).toEqual([-2, 1, 5]);
    await expect(
      symmetricEigenvalues(matrix(1, 1, Float64Array.of(Number.NaN)), PLAIN_PRODUCTS),
    ).rejects.toThrow(/not finite/);
  });

  it("every product of any shape by ONNX Runtime equals the plain one", async () => {
    const size = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(size, size, size, fc.boolean(), fc.boolean(), async (m, k, n, turnA, turnB) => {
        const stream = randomStream(m * 10_000 + k * 100 + n, "product");
        const filled = (rows: number, columns: number) =>
          matrix(
            rows,
            columns,
            new Float64Array(rows * columns).map(() => stream.normal()),
          );
        const [a, b] = [filled(m, k), filled(k, n)];
        const given = [turnA ? transposed(a) : a, turnB ? transposed(b) : b] as const;
        const [left, right] = [
          await runtime.multiply(...given, turnA, turnB),
          await PLAIN_PRODUCTS.multiply(a, b),
        ];
        expectClose(left.data, right.data, { relative: 1e-13, name: "product" });
      }),
      { numRuns: 30 },
    );
    await expect(runtime.multiply(matrix(2, 3), matrix(2, 3))).rejects.toThrow(RangeError);
  });

  it("moments of more features than one product takes, and of more vectors", async () => {
    const [count, d] = [2100, 530];
    const stream = randomStream(1, "wide");
    const features = Float32Array.from({ length: count * d }, () => stream.uniform());
    const { covariance, mean } = await momentsOf(features, d, runtime);
    const x = matrix(
      count,
      d,
      Float64Array.from(features, (value, i) => value - mean[i % d]!),
    );
    const { data } = await runtime.multiply(x, x, true, false);
    expectClose(
      covariance.data,
      data.map((value) => value / (count - 1)),
      { relative: 1e-12, name: "covariance" },
    );
  });

  it("moments do not depend on how the stream is cut", async () => {
    const features = set("a");
    const whole = await momentsOf(features, D, PLAIN_PRODUCTS);
    const builder = momentsBuilder(D, PLAIN_PRODUCTS);
    for (let i = 0; i < 60; i += 7)
      await builder.add(features.subarray(i * D, (i + 7) * D), Math.min(7, 60 - i));
    expect(await builder.finish()).toEqual(whole);
  });
});
