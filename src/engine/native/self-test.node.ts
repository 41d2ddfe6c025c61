/**
 * A small step computed in bfloat16 and in float32 by the same library: what cannot do this right
 * is not used.
 */
import {
  add,
  compile,
  conv2d,
  gradients,
  input,
  mul,
  NATIVE_TARGET,
  relu,
  reshape,
  sizeOf,
  sum,
  sumPool,
  wholeBatchNorm,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { instantiate, lowerProgram } from "./lower.node.ts";
import type { Dnnl } from "./plans.node.ts";
import type { MemoryType } from "./vocabulary.ts";

const CHANNELS = 32;
const FEEDS = {
  image: [4, 3, 8, 8],
  first: [CHANNELS, 3, 3, 3],
  kernel: [CHANNELS, CHANNELS, 3, 3],
  gamma: [CHANNELS],
  beta: [CHANNELS],
} as const;

function probeProgram(): Program {
  const feeds = Object.fromEntries(Object.entries(FEEDS).map(([name, shape]) => [name, input(name, shape)]));
  const { image, first, kernel, gamma, beta } = feeds as Record<keyof typeof FEEDS, ReturnType<typeof input>>;
  const maps = relu(wholeBatchNorm(conv2d(image, first, undefined, { padding: 1 }), gamma, beta, 1e-5));
  const residual = relu(add(conv2d(maps, kernel, undefined, { padding: 1 }), maps));
  const features = sum(mul(sumPool(residual, 2), 0.25), [2, 3]);
  const loss = sum(mul(features, features));
  const [byFirst, byKernel] = gradients(loss, [first, kernel]);
  const flat = (t: typeof image) => reshape(t, [sizeOf(t.shape)]);
  return compile(
    {
      name: "probe",
      feeds,
      results: { features: flat(features), first: flat(byFirst!), kernel: flat(byKernel!) },
    },
    NATIVE_TARGET,
  );
}

/**
 * Largest relative root-mean-square difference of bfloat16 from float32 here: rounding makes less
 * than a hundredth.
 */
const TOLERANCE = 0.05;

/** What is wrong, or undefined. */
export function selfTest(dnnl: Dnnl): string | undefined {
  const program = probeProgram();
  try {
    const [exact, rounded] = (["f32", "bf16"] as const).map((type) => runOnce(dnnl, program, type));
    for (const [name, values] of Object.entries(exact!)) {
      const other = rounded![name]!;
      const square = (of: (v: number, i: number) => number): number =>
        values.reduce((total, v, i) => total + of(v, i) ** 2, 0);
      const difference = Math.sqrt(square((v, i) => v - other[i]!) / square((v) => v));
      // Also when it is no number.
      if (!(difference <= TOLERANCE)) return `${name} in bfloat16 differs by ${difference.toPrecision(2)}`;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function runOnce(dnnl: Dnnl, program: Program, type: MemoryType): Record<string, Float32Array> {
  const places = {
    memoryOf: () => {
      throw new Error("the probe has no state");
    },
  };
  const lowered = lowerProgram(dnnl, program, type, places);
  const region = dnnl.library.allocate(lowered.memoryPlan.bytes);
  const ready = instantiate(dnnl, lowered, region);
  try {
    for (const [name, shape] of Object.entries(FEEDS)) {
      const scale = shape.length > 1 ? 1 / Math.sqrt(sizeOf(shape.slice(1))) : 1;
      ready.feeds[name]!.set(
        Float32Array.from({ length: sizeOf(shape) }, (_, i) => scale * Math.sin(1 + 1.7 * i)),
      );
    }
    ready.run();
    return Object.fromEntries(Object.entries(ready.results).map(([name, values]) => [name, values.slice()]));
  } finally {
    ready.release();
    dnnl.library.free(region);
  }
}
