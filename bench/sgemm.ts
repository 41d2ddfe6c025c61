/**
 * The peak to compare with: ONNX Runtime's own float32 matrix product through our engine, at a
 * square size and at one with a long inner side, as weight gradients have. Operands are state and
 * only one number comes back, so nothing is copied meanwhile.
 */
import { randomStream } from "../src/base/random.ts";
import { createEngine } from "../src/engine/node.node.ts";
import { add, compile, input, matmul, sum } from "../src/graph/index.ts";

/** One matrix product: [m, k] · [k, n]. */
interface Product {
  readonly name: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}
export const PRODUCTS: readonly Product[] = [
  { name: "1024×1024×1024", m: 1024, k: 1024, n: 1024 },
  { name: "512×16384×512 (long inner side)", m: 512, k: 16384, n: 512 },
];
/** Products in one run: makes what a run costs besides negligible. */
const CHAIN = 4;
const RUNS = 4;

/** Billions of floating-point operations a second of each product: the best of a few runs. */
export async function sgemm(threads: number): Promise<Record<string, number>> {
  const engine = await createEngine({ device: "cpu", threads });
  const random = randomStream(1, "sgemm");
  const speeds: Record<string, number> = {};
  try {
    for (const { name, m, k, n } of PRODUCTS) {
      const matrix = (rows: number, columns: number): Float32Array =>
        Float32Array.from({ length: rows * columns }, () => random.uniform() - 0.5);
      // Different left sides, so that no product can be taken for another.
      const left = Array.from({ length: CHAIN }, (_, i) => input(`a${i}`, [m, k]));
      const right = input("b", [k, n]);
      const total = left.map((a) => sum(matmul(a, right))).reduce((x, y) => add(x, y));
      const reads = { ...Object.fromEntries(left.map((a, i) => [`a${i}`, a])), b: right };
      const program = compile({ name, reads, results: { total } }, engine.target);
      await engine.writeState(
        Object.fromEntries(Object.entries(reads).map(([key, t]) => [key, matrix(t.shape[0]!, t.shape[1]!)])),
      );
      const executable = await engine.compile(program);
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run <= RUNS; run++) {
        const started = performance.now();
        await executable.run({});
        if (run > 0) best = Math.min(best, performance.now() - started);
      }
      await executable.release();
      speeds[name] = (CHAIN * 2 * m * k * n) / best / 1e6;
    }
  } finally {
    await engine.close();
  }
  return speeds;
}
