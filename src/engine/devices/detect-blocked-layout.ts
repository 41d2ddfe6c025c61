/**
 * Finds out whether ONNX Runtime's blocked layout works on this machine, and with which block: a
 * small network with every operator of the layout, and its gradient, is run blocked and compared
 * with the ordinary one. The operators are internal to the runtime, so nothing is taken for
 * granted.
 */
import {
  add,
  compile,
  concat,
  conv2d,
  gradients,
  input,
  leakyRelu,
  mul,
  relu,
  reshape,
  sizeOf,
  sum,
  sumPool,
  type Target,
  upsampleBilinear,
  upsampleNearest,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";

const SIDE = 6;
const CHANNELS = 32;
const FEEDS = {
  image: [2, 3, SIDE, SIDE],
  first: [CHANNELS, 3, 3, 3],
  kernel: [CHANNELS, CHANNELS, 3, 3],
  scale: [1, CHANNELS, 1, 1],
} as const;

/** One result [values]: the features, and the gradient of their sum by `kernel`. */
function probeProgram(target: Target): Program {
  const image = input("image", FEEDS.image);
  const [first, kernel] = [input("first", FEEDS.first), input("kernel", FEEDS.kernel)];
  const scale = input("scale", FEEDS.scale);
  const maps = relu(conv2d(image, first, undefined, { padding: 1 }));
  const residual = relu(add(conv2d(maps, kernel, undefined, { padding: 1 }), maps));
  const small = sumPool(residual, 2);
  const large = add(upsampleNearest(small, 2), upsampleBilinear(small));
  const reduced = leakyRelu(conv2d(mul(large, scale), kernel, undefined, { stride: 2, padding: 1 }), 0.1);
  const features = sum(mul(reduced, reduced), [2, 3]);
  const [gradient] = gradients(sum(features), [kernel]);
  const y = concat(
    [features, gradient!].map((t) => reshape(t, [sizeOf(t.shape)])),
    0,
  );
  const feeds = { image, first, kernel, scale };
  return compile({ name: `probe blocks of ${target.block}`, feeds, results: { y } }, target);
}

/** Runs a program once in a fresh session. */
export type RunOnce = (
  program: Program,
  feeds: Readonly<Record<string, Float32Array>>,
) => Promise<Float32Array>;

/** Deterministic values of order 1 / √terms. */
const wave = (shape: readonly number[], step: number, terms: number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * step) / Math.sqrt(terms));

/**
 * Channels in a block on this machine: 16 (AVX-512), 8 (AVX2, NEON), or 0 where the layout does not
 * work.
 * @param run runs a program; where it throws for a block, that block does not work
 * @throws what `run` throws for the ordinary program
 */
export async function detectBlock(run: RunOnce): Promise<number> {
  const feeds = {
    image: wave(FEEDS.image, 0.7, 1),
    first: wave(FEEDS.first, 1.3, 3 * 9),
    kernel: wave(FEEDS.kernel, 2.9, CHANNELS * 9),
    scale: wave(FEEDS.scale, 0.3, 1),
  };
  const expected = await run(probeProgram({ provider: "cpu", block: 0 }), feeds);
  const largest = expected.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  for (const block of [16, 8]) {
    try {
      const actual = await run(probeProgram({ provider: "cpu", block }), feeds);
      if (expected.every((v, i) => Math.abs(v - actual[i]!) <= 1e-4 * largest)) return block;
    } catch {
      // Not available with this block: try the next, or do without.
    }
  }
  return 0;
}
