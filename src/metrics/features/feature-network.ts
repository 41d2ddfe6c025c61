/**
 * Feature networks: what turns images into the vectors that FID, KID and the others compare. A
 * number says something only together with the network it was computed with, so every network has a
 * name that is printed and a hash of its weights that caches are kept by.
 */

export { BUILT_IN_FEATURES } from "../../base/metric-quantities.ts";

/** What a network made of some images. */
export interface Extraction {
  /** [N, dimensions] */
  readonly features: Float32Array;
  /** [N, classes], before the softmax; undefined for a network that does not classify. */
  readonly logits: Float32Array | undefined;
}

/** A network ready to run. */
export interface FeatureNetwork {
  /** As printed beside every number. */
  readonly name: string;
  /** SHA-256 of whatever decides the features: weights and arithmetic. */
  readonly hash: string;
  /**
   * Side in pixels to which a protocol resizes the images; 0: any side, images are taken as they
   * are.
   */
  readonly size: number;
  /** Length of a feature vector. */
  readonly dimensions: number;
  /** Number of logits, which the Inception Score needs; undefined without. */
  readonly classes: number | undefined;
  /**
   * Features of some images. Deterministic; an image's features do not depend on its neighbors
   * beyond rounding.
   * @param images [N, S, S, 3], RGB, 0…255 (normalizing them is the network's business)
   * @param count N, at least 1
   * @param side S in pixels: `size`, if that is not 0
   * @throws UserError when the network cannot take images of this side
   */
  extract(images: Uint8Array | Float32Array, count: number, side: number): Promise<Extraction>;
  close(): Promise<void>;
}

/** How to open one. */
export interface FeatureOptions {
  /** Threads for the arithmetic; 0 takes the cores this process may really use. */
  readonly threads?: number | undefined;
  /** Where installed networks are kept; the user's cache folder unless given. */
  readonly cacheDir?: string | undefined;
  /** Aborting ends what runs in a process of its own: a network from a user's file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A kind of feature network that can be named on the command line. A new one is a file and a line
 * in the registry.
 */
export interface FeatureDefinition {
  readonly name: string;
  /** One line for help texts. */
  readonly description: string;
  /** @throws UserError when it is not installed, with the command that installs it */
  open(options: FeatureOptions): Promise<FeatureNetwork>;
}
