/**
 * A trained generator as one ONNX model that runs anywhere: weights and running statistics inside,
 * input `z`, output `images` ready to be looked at. The layout is the one evaluation tools take
 * (torch-fidelity: uint8 [N, 3, S, S], RGB).
 */
import type { Engine } from "../../engine/engine.ts";
import {
  compile,
  constant,
  input,
  type Outputs,
  STANDARD_TARGET,
  sizeOf,
  substitute,
  type Tensor,
} from "../../graph/index.ts";
import { writeStandalone } from "../../graph/standalone.ts";
import { GENERATORS } from "../../models/registry.ts";
import { type NetworkTrace, type Owned, traceNetwork } from "../../nn/scope.ts";
import { flatSize, layOut } from "../flat.ts";
import { encodePlanes, oneHot } from "../images.ts";
import { type GeneratorProgramSettings, generate } from "../networks.ts";
import { usesClasses } from "../settings.ts";

/** A network's flat vectors, as the engine's state or a checkpoint has them. */
export interface NetworkWeights {
  /** The latest parameters or, of a generator, their moving average, [P]. */
  readonly parameters: Float32Array;
  /** Running statistics and spectral-norm vectors, [B]; undefined when the network has none. */
  readonly buffers: Float32Array | undefined;
}

/**
 * The generator in inference mode: `z` float32 [batch, Z] (and `labels` int64 [batch], the class of
 * each, where it is conditional) → `images` uint8 [batch, 3, S, S], RGB, 0…255, any batch size.
 * @param engine computes what follows from the weights alone; its state is not touched
 * @param metadata key/value pairs that readers of the model show
 * @returns the bytes of the ONNX model
 * @throws Error when a vector has another length than the network
 */
export async function exportGenerator(
  settings: GeneratorProgramSettings,
  weights: NetworkWeights,
  engine: Pick<Engine, "compile">,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const { imageRange } = GENERATORS[settings.generator.architecture];
  const build = (batch: number) => {
    const trace = traceNetwork("generator", false);
    const z = input("z", [batch, settings.generator.latentSize]);
    const labels = usesClasses(settings) ? input("labels", [batch], "int64") : undefined;
    const classes = labels && oneHot(labels, settings.data.classes);
    const images = encodePlanes(generate(trace.scope, { z, classes }, settings), imageRange);
    return {
      inputs: { z, ...(labels && { labels }) },
      outputs: substitute({ images } satisfies Outputs, boundConstants(trace, weights)),
    };
  };
  const evaluate = (tensors: Outputs) => evaluateOn(engine, tensors);
  return writeStandalone({ name: "generator", build, evaluate, metadata });
}

/** The values of float32 tensors that depend on no input. */
export async function evaluateOn(
  engine: Pick<Engine, "compile">,
  tensors: Outputs,
): Promise<Record<string, Float32Array>> {
  const executable = await engine.compile(compile({ name: "constants", results: tensors }, STANDARD_TARGET));
  try {
    return (await executable.run({})) as Record<string, Float32Array>;
  } finally {
    await executable.release();
  }
}

/**
 * What to put in the place of a network's leaves, so that its weights are inside the graph.
 * @throws Error when a length does not fit
 */
export const boundConstants = (trace: NetworkTrace, weights: NetworkWeights): ReadonlyMap<Tensor, Tensor> =>
  new Map([
    ...constants(trace.parameters, weights.parameters),
    ...constants(trace.buffers, weights.buffers ?? new Float32Array(0)),
  ]);

/** Each tensor's leaf with its part of the flat vector as a constant. */
function constants(owned: readonly Owned[], vector: Float32Array): [Tensor, Tensor][] {
  const slots = layOut(owned);
  if (flatSize(slots) !== vector.length)
    throw new Error(`${vector.length} numbers for a network of ${flatSize(slots)}`);
  return slots.map(({ name, shape, offset }, i) => [
    owned[i]!.leaf,
    constant(vector.subarray(offset, offset + sizeOf(shape)), shape, name),
  ]);
}
