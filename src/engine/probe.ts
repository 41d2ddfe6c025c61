/**
 * Finds out whether ONNX Runtime's blocked layout works on this machine, and with which block: one blocked convolution is run and
 * compared with the ordinary one. The operators are internal to the runtime, so nothing is taken for granted.
 */
import { compile, conv2d, input, relu, type Target, type Tensor } from "../graph/index.ts";
import type { Program } from "../graph/program.ts";

const SIDE = 6;
const CHANNELS = 32;

/** The two programs to compare for a block size; both feed `x` and `w` and give `y`. */
function probePrograms(block: number): readonly [Program, Program] {
  const build = (target: Target): Program => {
    const x = input("x", [2, CHANNELS, SIDE, SIDE]);
    const w = input("w", [CHANNELS, CHANNELS, 3, 3]);
    const y: Tensor = relu(
      conv2d(relu(conv2d(x, w, undefined, { padding: 1 })), w, undefined, { stride: 2, padding: 1 }),
    );
    return compile({ name: `probe blocks of ${target.block}`, feeds: { x, w }, results: { y } }, target);
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
  const feeds = { x: wave(2 * CHANNELS * SIDE * SIDE, 0.7), w: wave(CHANNELS * CHANNELS * 9, 1.3) };
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
