/**
 * From images to what the metrics ask for: one pass, resizing and extracting some images at a time.
 */
import { UserError } from "../../base/errors.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import type { Products } from "../linalg/matrix.ts";
import type { Need, SampleImages, Statistics } from "../metric.ts";
import { MS_SSIM_BATCH, MS_SSIM_BATCHES } from "../scores/ms-ssim.ts";
import type { ImageSet } from "./images.ts";
import { momentsBuilder } from "./moments.ts";
import { type ResizeName, resizeImages } from "./resize.ts";

/** Images that go through the network at a time. */
const CHUNK = 64;
/** Images that are kept as they are. */
const KEPT_IMAGES = MS_SSIM_BATCH * MS_SSIM_BATCHES;

/** What the pass needs. */
export interface CollectOptions {
  readonly network: FeatureNetwork;
  readonly resize: ResizeName;
  readonly products: Products;
  /** What the images are, for messages. */
  readonly what: string;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Aborting ends the pass with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Collect what `needs` names of a set of images.
 * @throws UserError for fewer than three images, or features that are not finite
 */
export async function collectStatistics(
  images: ImageSet,
  needs: ReadonlySet<Need>,
  options: CollectOptions,
): Promise<Statistics> {
  const { network, resize, products, what, onProgress, signal } = options;
  const { count, side } = images;
  const d = network.dimensions;
  const moments = needs.has("moments") ? momentsBuilder(d, products) : undefined;
  const features = needs.has("features") ? new Float32Array(count * d) : undefined;
  const logits = needs.has("logits") ? new Float32Array(count * network.classes!) : undefined;
  const extracts = moments !== undefined || features !== undefined || logits !== undefined;
  const kept: (Uint8Array | Float32Array)[] = [];
  let keptCount = 0;
  let done = 0;
  for await (const { pixels, count: n } of images.chunks(CHUNK)) {
    signal?.throwIfAborted();
    if (needs.has("images") && keptCount < KEPT_IMAGES) {
      kept.push(pixels);
      keptCount += n;
    }
    if (extracts) {
      const wanted = network.size || side;
      const made = await network.extract(resizeImages(pixels, n, side, wanted, resize), n, wanted);
      requireFinite(made.features, d, done, what, network.name);
      await moments?.add(made.features, n);
      features?.set(made.features, done * d);
      if (logits) {
        requireFinite(made.logits!, network.classes!, done, what, network.name);
        logits.set(made.logits!, done * network.classes!);
      }
    } else if (keptCount >= KEPT_IMAGES) break;
    done += n;
    onProgress?.(done);
  }
  return {
    count,
    moments: await moments?.finish(),
    features,
    logits,
    images: needs.has("images") ? joined(kept, side) : undefined,
  };
}

/** @throws UserError naming the first image with a number that is not finite */
function requireFinite(
  values: Float32Array,
  width: number,
  before: number,
  what: string,
  name: string,
): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new UserError(
    `The features of image ${before + Math.floor(bad / width)} of ${what} are not finite (${values[bad]}).`,
    `Either the feature network ${name} is damaged, or the generator makes images that are no numbers.`,
  );
}

/** Chunks of images as one array. */
function joined(chunks: readonly (Uint8Array | Float32Array)[], side: number): SampleImages {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const bytes = chunks.every((chunk) => chunk instanceof Uint8Array);
  const pixels = bytes ? new Uint8Array(length) : new Float32Array(length);
  let at = 0;
  for (const chunk of chunks) {
    pixels.set(chunk, at);
    at += chunk.length;
  }
  return { pixels, count: length / (side * side * 3), side };
}
