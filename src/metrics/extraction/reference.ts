/**
 * Statistics of the reference images, from a cache where it has them: they are the same for every
 * evaluation against the same data.
 */
import type { ImageStore, Split } from "../../data/store/store.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import type { Need, Statistics } from "../metric.ts";
import { chosenImages, storeImages } from "./images.ts";
import { type Moments, momentsOf } from "./moments.ts";
import type { ResizeName } from "./resize.ts";
import { type CollectOptions, collectStatistics } from "./statistics.ts";

/** All that decides the statistics of reference images. */
export interface ReferenceKey {
  /** Content hash of the images. */
  readonly data: string;
  readonly split: Split;
  readonly preprocessing: string;
  /** Side of the images before resizing. */
  readonly side: number;
  /** Images taken, by `chosenImages`. */
  readonly count: number;
  /** `none` where the network takes the images as they are. */
  readonly resize: ResizeName | "none";
  /** Side after resizing. */
  readonly size: number;
  /** Hash of the feature network. */
  readonly features: string;
}

/**
 * What is kept of reference images, each on its own: features are large, and FID does not need
 * them.
 */
export interface CachedStatistics {
  readonly moments: Moments;
  readonly features: Float32Array;
}

/**
 * Keeps statistics between evaluations. A cache that cannot be read or written costs time, never an
 * evaluation.
 */
export interface StatisticsCache {
  read<Part extends keyof CachedStatistics>(
    key: ReferenceKey,
    part: Part,
  ): Promise<CachedStatistics[Part] | undefined>;
  write<Part extends keyof CachedStatistics>(
    key: ReferenceKey,
    part: Part,
    value: CachedStatistics[Part],
  ): Promise<void>;
}

/** The key of some images of a store. */
export function referenceKey(
  store: ImageStore,
  count: number,
  network: FeatureNetwork,
  resize: ResizeName,
): ReferenceKey {
  const size = network.size || store.size;
  return {
    data: store.hash,
    split: store.summary.split,
    preprocessing: store.summary.preprocessing,
    side: store.size,
    count,
    resize: size === store.size ? "none" : resize,
    size,
    features: network.hash,
  };
}

/**
 * Statistics of `count` images of a store.
 * @throws UserError as `collectStatistics`
 */
export async function referenceStatistics(
  store: ImageStore,
  count: number,
  needs: ReadonlySet<Need>,
  options: CollectOptions,
  cache?: StatisticsCache,
): Promise<Statistics> {
  const { network, products } = options;
  const key = referenceKey(store, count, network, options.resize);
  const images = storeImages(store, chosenImages(store.count, count));
  let features = needs.has("features") ? await cache?.read(key, "features") : undefined;
  let moments = needs.has("moments") ? await cache?.read(key, "moments") : undefined;
  if (features && needs.has("moments") && !moments) {
    moments = await momentsOf(features, network.dimensions, products);
    await cache?.write(key, "moments", moments);
  }
  const missing = new Set<Need>();
  if (needs.has("features") && !features) missing.add("features");
  if (needs.has("moments") && !moments) missing.add("moments");
  // The score of the reference images themselves is not asked for, so their logits are not either.
  if (needs.has("images")) missing.add("images");
  if (missing.size === 0) return { count, moments, features };
  const made = await collectStatistics(images, missing, options);
  if (made.features) await cache?.write(key, "features", made.features);
  if (made.moments) await cache?.write(key, "moments", made.moments);
  features ??= made.features;
  moments ??= made.moments;
  return { count, moments, features, images: made.images };
}
