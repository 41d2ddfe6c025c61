/**
 * Models for others to run: plain ONNX of the default operator set, weights inside, names without
 * prefixes, the batch size left open.
 */
import { optimize, STANDARD_TARGET } from "./compile.ts";
import type { Borders } from "./data.ts";
import { lowerGraph } from "./lower.ts";
import { writeModel } from "./onnx/model.ts";
import { withSymbolicSize } from "./onnx/symbolic.ts";
import { type Evaluator, foldConstants } from "./rewrite/fold-constants.ts";

/**
 * Batch sizes tried: primes far above any width, so that no other size can be taken for a batch.
 */
const TRIALS = [10_007, 10_009] as const;

/** A model to be written. */
export interface StandaloneDefinition {
  readonly name: string;
  /**
   * The graph for a batch of the given size; built twice. Its inputs are all that it leaves open.
   */
  readonly build: (batch: number) => Borders;
  /** Computes what follows from the weights alone. */
  readonly evaluate: Evaluator;
  /** Key/value pairs that readers of the model show. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The model's bytes. Axes of the size of the batch are called `batch` at its border.
 * @throws Error when a result depends on the batch size in another way than by its shape
 */
export async function writeStandalone(definition: StandaloneDefinition): Promise<Uint8Array> {
  const lowered = async (size: number) => {
    const { inputs, outputs } = definition.build(size);
    const improved = await foldConstants(optimize(outputs, STANDARD_TARGET), definition.evaluate);
    return {
      size,
      model: lowerGraph(definition.name, { inputs, outputs: improved }, STANDARD_TARGET.provider),
    };
  };
  const [a, b] = [await lowered(TRIALS[0]), await lowered(TRIALS[1])];
  return writeModel({ ...withSymbolicSize(a, b, "batch"), metadata: definition.metadata });
}
