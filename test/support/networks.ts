/** Networks traced for tests, at full width and plainly conditioned unless told otherwise. */
import { input, mean, sizeOf } from "../../src/graph/index.ts";
import type {
  DiscriminatorArchitecture,
  DiscriminatorOptions,
  GeneratorNorm,
  GeneratorOptions,
} from "../../src/models/model.ts";
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../../src/models/registry.ts";
import { type Owned, traceNetwork } from "../../src/nn/scope.ts";

/** Numbers in all of them. */
export const count = (owned: readonly Owned[]): number =>
  owned.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
/** The names of all of them. */
export const namesOf = (owned: readonly Owned[]): string[] => owned.map(({ name }) => name);

/** How a network is traced. */
export interface Tracing {
  readonly batch?: number;
  readonly training?: boolean;
  readonly classes?: number;
}

/** A generator over latents of 120 numbers, which many counts of chunks divide. */
export function traceGenerator(
  name: GeneratorName,
  resolution: number,
  options: Partial<GeneratorOptions> = {},
  { batch = 2, training = true, classes = 0 }: Tracing = {},
) {
  const trace = traceNetwork("generator", training);
  const z = input("z", [batch, 120]);
  const y = classes > 0 ? input("classes", [batch, classes]) : undefined;
  const architecture = GENERATORS[name];
  const images = architecture.build(
    trace.scope,
    { z, classes: y },
    {
      resolution,
      width: architecture.fullWidth(resolution),
      norm: "batch",
      spectralNorm: false,
      hierarchicalLatent: false,
      ...options,
    },
  );
  return { trace, z, images };
}

/** Parameters with a latent vector of 128 numbers, as the references count, instead of 120. */
export function countGenerator(
  name: GeneratorName,
  resolution: number,
  norm: GeneratorNorm,
  classes = 0,
): number {
  const { trace } = traceGenerator(name, resolution, { norm }, { classes });
  const perLatent = trace.parameters
    .filter(({ shape, name: own }) => shape[1] === 120 && /fcNoise|hidden|basis|init/.test(own))
    .reduce((sum, { shape }) => sum + sizeOf(shape) / 120, 0);
  return count(trace.parameters) + 8 * perLatent;
}

/** Which heads a discriminator has beside the first. */
export interface Heads {
  readonly rotation?: boolean;
  readonly classes?: number;
}

/** A discriminator with its heads. */
export function traceDiscriminator(
  name: GeneratorName,
  resolution: number,
  options: Partial<DiscriminatorOptions> = {},
  { batch = 2, training = true }: Tracing = {},
  { rotation = true, classes = 0 }: Heads = {},
) {
  const trace = traceNetwork("discriminator", training);
  const images = input("images", [batch, 3, resolution, resolution]);
  const architecture: DiscriminatorArchitecture = DISCRIMINATORS[name];
  const all = {
    width: architecture.fullWidth(resolution),
    norm: "none",
    spectralNorm: true,
    ...options,
  } as const;
  const features = architecture.features(trace.scope, images, all);
  const { blocks, pooled } = features;
  const patches = architecture.patches?.(trace.scope.child("patches"), features, all);
  const real = patches
    ? mean(patches, [1], true)
    : architecture.head(trace.scope.child("finalFc"), pooled, 1, all);
  const turns = rotation ? architecture.head(trace.scope.child("rotation"), pooled, 4, all) : undefined;
  const y = classes > 0 ? input("classes", [batch, classes]) : undefined;
  const projection = y && architecture.projection(trace.scope.child("projection"), pooled, y, all);
  return { trace, images, features, blocks, pooled, real, turns, projection };
}
