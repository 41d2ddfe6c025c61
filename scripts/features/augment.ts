/**
 * Training batches for the feature network: every epoch a new order, every image a random crop,
 * half of them mirrored.
 */
import { type RandomStream, randomStream } from "../../src/base/random.ts";
import { permutation } from "../../src/data/store/batches.ts";
import { type ImageStore, imageBytes } from "../../src/data/store/store.ts";
import { CIFAR10_CLASSES } from "../../src/metrics/features/resnet20.ts";

/** One fed batch. */
export interface TrainingBatch {
  /** [N, S, S, 3], gray levels 0…255. */
  readonly images: Uint8Array;
  /** One-hot, [N, 10]. */
  readonly targets: Float32Array;
}

/**
 * The batches of one epoch; the last images of the order that fill no batch are left out. Which
 * images, crops and mirrorings they are follows from the seed and the epoch alone, so an epoch that
 * was broken off is simply begun again.
 *
 * @param side at the images' own side: a crop of the image extended by 4 pixels of its own
 * reflection; smaller: a crop of the image
 */
export function* epochBatches(
  store: ImageStore,
  batchSize: number,
  side: number,
  seed: number,
  epoch: number,
): Generator<TrainingBatch> {
  const order = permutation(store.count, randomStream(seed, `order ${epoch}`));
  const random = randomStream(seed, `crops ${epoch}`);
  const image = new Uint8Array(imageBytes(store.size));
  for (let first = 0; first + batchSize <= order.length; first += batchSize) {
    const images = new Uint8Array(batchSize * side * side * 3);
    const indices = order.subarray(first, first + batchSize);
    indices.forEach((index, i) => {
      store.read(index, image, 0);
      crop(image, store.size, images.subarray(i * side * side * 3, (i + 1) * side * side * 3), side, random);
    });
    yield { images, targets: oneHot(store, indices) };
  }
}

/** Images `first … first + count − 1` of a store as they are. */
export function plainBatch(store: ImageStore, first: number, count: number): TrainingBatch {
  const bytes = imageBytes(store.size);
  const images = new Uint8Array(count * bytes);
  for (let i = 0; i < count; i++) store.read(first + i, images, i * bytes);
  return {
    images,
    targets: oneHot(
      store,
      Uint32Array.from({ length: count }, (_, i) => first + i),
    ),
  };
}

function oneHot(store: ImageStore, indices: Uint32Array): Float32Array {
  const targets = new Float32Array(indices.length * CIFAR10_CLASSES.length);
  indices.forEach((index, i) => {
    targets[i * CIFAR10_CLASSES.length + store.labels![index]!] = 1;
  });
  return targets;
}

const PADDING = 4;

function crop(image: Uint8Array, size: number, out: Uint8Array, side: number, random: RandomStream): void {
  const padding = side === size ? PADDING : 0;
  const range = size + 2 * padding - side + 1;
  const [top, left] = [random.integer(range) - padding, random.integer(range) - padding];
  const mirrored = random.integer(2) === 1;
  /** The place inside of which a place outside is the reflection. */
  const inside = (place: number): number =>
    place < 0 ? -place : place >= size ? 2 * (size - 1) - place : place;
  for (let y = 0; y < side; y++) {
    const row = inside(top + y) * size;
    for (let x = 0; x < side; x++) {
      const from = (row + inside(left + (mirrored ? side - 1 - x : x))) * 3;
      const to = (y * side + x) * 3;
      out[to] = image[from]!;
      out[to + 1] = image[from + 1]!;
      out[to + 2] = image[from + 2]!;
    }
  }
}
