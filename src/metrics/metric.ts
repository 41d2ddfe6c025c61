/**
 * What a metric is: something that makes numbers of two sets of images. A new one is a file and a
 * line in the registry.
 */
import type { RandomStream } from "../base/random.ts";
import type { Moments } from "./extraction/moments.ts";
import type { Products } from "./linalg/matrix.ts";
import type { Protocol } from "./protocol.ts";
import type { SampleCounts } from "./sample-counts.ts";

/** What a metric can ask to be kept of a set of images. */
export type Need = "moments" | "features" | "logits" | "images";

/** A set of images as a metric sees it: what was asked for, and nothing else. */
export interface Statistics {
  readonly count: number;
  readonly moments?: Moments | undefined;
  /** [count, d], in random order. */
  readonly features?: Float32Array | undefined;
  /** [count, classes] */
  readonly logits?: Float32Array | undefined;
  readonly images?: SampleImages | undefined;
}

/** Some of the images themselves, as they were made: neither resized nor normalized. */
export interface SampleImages {
  /** [N, side, side, 3], 0…255 */
  readonly pixels: Uint8Array | Float32Array;
  readonly count: number;
  readonly side: number;
}

/** What a metric computes from. */
export interface MetricInput {
  readonly reference: Statistics;
  readonly generated: Statistics;
  /** Length of a feature vector. */
  readonly dimensions: number;
  readonly classes: number | undefined;
  readonly protocol: Protocol;
  readonly products: Products;
  /** For subsets and starting points; the same for every repeat. */
  readonly random: RandomStream;
  /** Called now and then in a long computation, with the share done. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** One of the numbers a metric gives. */
export interface MetricValue {
  readonly key: string;
  readonly title: string;
  /** Decimals to print. */
  readonly digits: number;
}

/** A metric: what it needs of both sets of images, and how it makes numbers of them. */
export interface MetricDefinition {
  /** As written after `--metrics`. */
  readonly name: string;
  readonly title: string;
  /** One line, with the source. */
  readonly description: string;
  readonly better: "lower" | "higher" | "nearer to that of the reference";
  readonly needs: readonly Need[];
  /** The numbers it gives, the main one first. */
  readonly values: readonly MetricValue[];
  /**
   * The fewest images on either side it can be computed of; without, as few as anything can be said
   * of.
   */
  readonly minImages?: (counts: SampleCounts, protocol: Protocol) => number;
  /**
   * Numbers of the reference images alone: the same for every repeat and every generator, and
   * computed once.
   */
  ofReference?(input: Omit<MetricInput, "generated">): Promise<Readonly<Record<string, number>>>;
  /** @throws UserError when there are too few images for it */
  compute(input: MetricInput): Promise<Readonly<Record<string, number>>>;
}
