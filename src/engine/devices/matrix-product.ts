/** A quick measure of what an engine can do: the rate of one large matrix product. */
import { randomStream } from "../../base/random.ts";
import { compile, input, matmul, STANDARD_TARGET, sum } from "../../graph/index.ts";
import type { Engine } from "../engine.ts";

/** Rows and columns; large enough that memory does not decide. */
const SIDE = 1024;
const RUNS = 5;

/**
 * Billions of floating-point operations a second in a float32 matrix product, the best of a few
 * runs.
 */
export async function measureMatmul(engine: Engine): Promise<number> {
  const [a, b] = [input("a", [SIDE, SIDE]), input("b", [SIDE, SIDE])];
  const program = compile(
    { name: "speed", reads: { a, b }, results: { total: sum(matmul(a, b)) } },
    STANDARD_TARGET,
  );
  const stream = randomStream(0, "speed");
  const matrix = () => Float32Array.from({ length: SIDE * SIDE }, () => stream.uniform() - 0.5);
  await engine.writeState({ a: matrix(), b: matrix() });
  const executable = await engine.compile(program);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run <= RUNS; run++) {
    const started = performance.now();
    await executable.run({});
    // The first run also allocates.
    if (run > 0) best = Math.min(best, performance.now() - started);
  }
  await executable.release();
  return (2 * SIDE ** 3) / best / 1e6;
}
