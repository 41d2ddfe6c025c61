/** For tests: graphs run once on oneDNN, and what to say where it is not there. */
import { compile, type GraphDefinition, NATIVE_TARGET, type Tensor } from "../../../graph/index.ts";
import type { Values } from "../../../graph/testing/evaluate.ts";
import { loadLibrary } from "../library.node.ts";
import { instantiate, lowerProgram } from "../lower.node.ts";
import { createDnnl, type Dnnl } from "../plans.node.ts";
import type { MemoryType } from "../vocabulary.ts";

/** An engine with one thread, or why there is none. */
export async function openForTests(): Promise<{
  readonly dnnl?: Dnnl;
  readonly missing: string | undefined;
}> {
  try {
    const library = await loadLibrary();
    return { dnnl: createDnnl(library, 1), missing: undefined };
  } catch {
    return { missing: "oneDNN 2.6 or later (Debian 12, Ubuntu: apt-get install libdnnl2)" };
  }
}

/** What a graph gave, and how. */
export interface NativeRun {
  readonly results: Record<string, Float32Array>;
  /** Of all instructions. */
  readonly labels: readonly string[];
}

/**
 * Evaluate named results for given values of the inputs, with all memory of the program filled with
 * rubbish before.
 */
export function runNative(
  dnnl: Dnnl,
  results: Readonly<Record<string, Tensor>>,
  inputs: ReadonlyMap<Tensor, Values>,
  type: MemoryType,
): NativeRun {
  const names = new Map([...inputs.keys()].map((tensor, i) => [`x${i}`, tensor] as const));
  const definition: GraphDefinition = { name: "test", feeds: Object.fromEntries(names), results };
  const places = {
    memoryOf: () => {
      throw new Error("no state here");
    },
  };
  const lowered = lowerProgram(dnnl, compile(definition, NATIVE_TARGET), type, places);
  const { library } = dnnl;
  const bytes = Math.max(64, lowered.memoryPlan.bytes);
  const region = library.allocate(bytes);
  const ready = instantiate(dnnl, lowered, region);
  try {
    new Uint8Array(library.view(region, bytes)).fill(0xff);
    for (const [name, tensor] of names) {
      const values = inputs.get(tensor)!;
      ready.feeds[name]!.set(values instanceof BigInt64Array ? Array.from(values, Number) : values);
    }
    ready.run();
    return {
      results: Object.fromEntries(
        Object.entries(ready.results).map(([name, values]) => [name, values.slice()]),
      ),
      labels: lowered.instructions.map(({ label }) => label),
    };
  } finally {
    ready.release();
    library.free(region);
  }
}

/** √(Σ (a − b)² / Σ b²). */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / Math.max(size, 1e-30));
}
