/** What a generator and a discriminator are to the rest of the system. */
import type { Tensor } from "../graph/index.ts";
import type { Scope } from "../nn/scope.ts";

/** Values of an image's channels inside a model: compare_gan [0, 1], most others [−1, 1]. */
export type ImageRange = "unit" | "symmetric";

/** Options every generator understands. */
export interface GeneratorOptions {
  /** Side of the images: a power of two. */
  readonly resolution: number;
  /** Channels of the first feature map. */
  readonly width: number;
  readonly norm: "batch" | "none";
  readonly spectralNorm: boolean;
}

/** Options every discriminator understands. */
export interface DiscriminatorOptions {
  /** Channels of the feature maps. */
  readonly width: number;
  readonly spectralNorm: boolean;
}

/** An architecture for the generator. */
export interface GeneratorArchitecture {
  readonly imageRange: ImageRange;
  /** z [N, Z] → images [N, 3, S, S]. */
  build(scope: Scope, z: Tensor, options: GeneratorOptions): Tensor;
}

/** An architecture for the discriminator: a trunk and heads on its features. */
export interface DiscriminatorArchitecture {
  readonly imageRange: ImageRange;
  /** Images [N, 3, S, S] → features [N, F]. */
  features(scope: Scope, images: Tensor, options: DiscriminatorOptions): Tensor;
  /** A linear head: features [N, F] → [N, outputs]. */
  head(scope: Scope, features: Tensor, outputs: number, options: DiscriminatorOptions): Tensor;
}
