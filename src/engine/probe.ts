/**
 * Finds out whether ONNX Runtime's blocked layout works on this machine, and with which block: every blocked operator the layout rewrite
 * may use is run once and compared with the ordinary one. They are internal to the runtime, so nothing is taken for granted.
 */
import {
  add,
  compile,
  concat,
  conv2d,
  convInput,
  convWeight,
  geometryOf,
  input,
  mul,
  relu,
  reshape,
  sizeOf,
  sum,
  sumPool,
  type Target,
  type Tensor,
  upsampleBilinear,
  upsampleBilinearAdjoint,
  upsampleNearest,
} from "../graph/index.ts";
import type { Program } from "../graph/program.ts";

const SIDE = 6;
const CHANNELS = 32;

/** The operators on small maps, all results in one vector. x [2, C, S, S], w [C, C, 3, 3], v [1, C, 1, 1]. */
function everyOperator(x: Tensor, w: Tensor, v: Tensor): Tensor {
  const same = { padding: 1 };
  const map = relu(conv2d(x, w, reshape(v, [CHANNELS]), same));
  const strided = conv2d(map, w, undefined, { stride: 2, padding: 1 });
  const results = [
    strided,
    relu(add(mul(map, v), v)),
    add(conv2d(map, w, undefined, same), map),
    convInput(strided, w, geometryOf(strided), [SIDE, SIDE]),
    convWeight(map, strided, geometryOf(strided), [3, 3]),
    sumPool(map, 2),
    upsampleNearest(strided, 2),
    upsampleBilinear(strided),
    upsampleBilinearAdjoint(map),
    sum(map, [2, 3]),
  ];
  return concat(
    results.map((t) => reshape(t, [sizeOf(t.shape)])),
    0,
  );
}

/** The two programs to compare for a block size; both feed `x`, `w` and `v` and give `y`. */
function probePrograms(block: number): readonly [Program, Program] {
  const build = (target: Target): Program => {
    const x = input("x", [2, CHANNELS, SIDE, SIDE]);
    const w = input("w", [CHANNELS, CHANNELS, 3, 3]);
    const v = input("v", [1, CHANNELS, 1, 1]);
    const name = `probe blocks of ${target.block}`;
    return compile({ name, feeds: { x, w, v }, results: { y: everyOperator(x, w, v) } }, target);
  };
  return [build({ provider: "cpu", block: 0 }), build({ provider: "cpu", block })];
}

/** Runs a program once in a fresh session. */
export type RunOnce = (
  program: Program,
  feeds: Readonly<Record<string, Float32Array>>,
) => Promise<Float32Array>;

/**
 * Channels in a block on this machine: 16 (AVX-512), 8 (AVX2, NEON), or 0 where the layout does not work.
 * @param run runs a program; may throw, which counts as "does not work"
 */
export async function probeBlock(run: RunOnce): Promise<number> {
  const wave = (n: number, step: number): Float32Array =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(i * step));
  const feeds = {
    x: wave(2 * CHANNELS * SIDE * SIDE, 0.7),
    w: wave(CHANNELS * CHANNELS * 9, 1.3).map((value) => value / CHANNELS),
    v: wave(CHANNELS, 0.9),
  };
  for (const block of [16, 8]) {
    const [plain, blocked] = probePrograms(block);
    try {
      const expected = await run(plain, feeds);
      const actual = await run(blocked, feeds);
      if (expected.every((v, i) => Math.abs(v - actual[i]!) <= 1e-3)) return block;
    } catch {
      // Not available with this block: try the next, or do without.
    }
  }
  return 0;
}
