/**
 * Labeled images for tests of studies: each class has stripes of its own, under noise, upright
 * ones unlike turned ones.
 */
import { randomStream } from "../../base/random.ts";
import { memoryStore } from "../../data/store/memory-store.ts";
import type { ImageStore } from "../../data/store/store.ts";

/** `perClass` images of each of `classes` classes, in turn. */
export function stripedStore(classes: number, perClass: number, seed: number, size = 16): ImageStore {
  const stream = randomStream(seed, "striped images");
  const count = classes * perClass;
  const images = new Uint8Array(count * size * size * 3);
  const labels = Uint16Array.from({ length: count }, (_, i) => i % classes);
  for (let i = 0, at = 0; i < count; i++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let c = 0; c < 3; c++) {
          const stripe = c === labels[i]! % 3 ? 140 : 40;
          images[at++] = Math.floor(
            stripe + 4 * y + 30 * stream.uniform() + (x % (labels[i]! + 2) === 0 ? 40 : 0),
          );
        }
  const classNames = Array.from({ length: classes }, (_, k) => `class ${k}`);
  return memoryStore({
    images,
    size,
    labels,
    classNames,
    hash: `striped ${classes} ${perClass} ${seed} ${size}`,
  });
}
