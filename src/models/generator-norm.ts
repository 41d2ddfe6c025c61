/** A generator's normalization layers: which kind, and what each of them is conditioned on. */
import { sliceAxis, type Tensor } from "../graph/index.ts";
import { batchNorm } from "../nn/batch-norm.ts";
import {
  conditionalBatchNorm,
  embeddedBatchNorm,
  type ModulationOptions,
  selfModulatedBatchNorm,
} from "../nn/modulated-batch-norm.ts";
import type { Normalize } from "../nn/residual-block.ts";
import type { Initializer } from "../nn/scope.ts";
import type { GeneratorInput, GeneratorNorm } from "./model.ts";

/** What a norm may look at. */
export interface Conditioning extends GeneratorInput {
  /**
   * Whether z is a chunk of the latent vector that nothing else has seen, so that a conditional
   * norm should look at it too.
   */
  readonly ownChunk: boolean;
  /** Whether `classes` are a learned embedding [N, E] instead of one-hot rows. */
  readonly embedded?: boolean;
}

/** The constants of a norm, and how kernels begin that read an embedding of the classes. */
export interface GeneratorNormOptions extends ModulationOptions {
  readonly kernel: Initializer;
}

/** A generator's norm of the given kind under one conditioning, or `undefined` for none. */
export function generatorNorm(
  kind: GeneratorNorm,
  { z, classes, ownChunk, embedded = false }: Conditioning,
  options: GeneratorNormOptions,
): Normalize | undefined {
  switch (kind) {
    case "none":
      return undefined;
    case "batch":
      return (scope, x) => batchNorm(scope, x, options);
    case "self-modulated":
      return (scope, x) => selfModulatedBatchNorm(scope, x, z, options);
    case "conditional":
      if (!classes) throw new Error("a conditional norm needs classes (the configuration checks that)");
      return (scope, x) =>
        (embedded ? embeddedBatchNorm : conditionalBatchNorm)(
          scope,
          x,
          classes,
          ownChunk ? z : undefined,
          options,
        );
  }
}

/**
 * z [N, Z] cut into equal chunks [N, Z / count].
 * @throws Error where it cannot be (the configuration checks that first)
 */
export function latentChunks(z: Tensor, count: number): Tensor[] {
  const size = z.shape[1]! / count;
  if (!Number.isInteger(size))
    throw new Error(`${z.shape[1]} latent numbers cannot be cut into ${count} chunks`);
  return Array.from({ length: count }, (_, i) => sliceAxis(z, 1, i * size, (i + 1) * size));
}
