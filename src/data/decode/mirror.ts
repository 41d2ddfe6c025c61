/** Images as they are and mirrored, left and right exchanged: a source of twice as many. */
import type { BatchSource } from "../store/batches.ts";
import { imageBytes } from "../store/store.ts";

/**
 * Exchange left and right of `count` images in place: uint8 [count, S, S, 3] from byte `offset` on.
 */
function mirrorPixels(images: Uint8Array, side: number, count: number, offset: number): void {
  const row = side * 3;
  const end = offset + count * side * row;
  for (let start = offset; start < end; start += row)
    for (let left = start, right = start + row - 3; left < right; left += 3, right -= 3)
      for (let channel = 0; channel < 3; channel++) {
        const kept = images[left + channel]!;
        images[left + channel] = images[right + channel]!;
        images[right + channel] = kept;
      }
}

/** What a run draws its batches from: the images, and with `mirror` each of them mirrored too. */
export const trainedOn = (source: BatchSource, mirror: boolean): BatchSource =>
  mirror ? mirrored(source) : source;

/**
 * A source of 2N images: number i is image i of the N, number N + i is the same image mirrored. An
 * epoch of it shows every image both ways.
 * @param source [N, S, S, 3], its labels go with the images
 */
export function mirrored(source: BatchSource): BatchSource {
  const { count, size, labels, readMany } = source;
  const bytes = imageBytes(size);
  return {
    count: 2 * count,
    size,
    labels: labels && Uint16Array.from({ length: 2 * count }, (_, i) => labels[i % count]!),
    read(index, target, offset) {
      source.read(index % count, target, offset);
      if (index >= count) mirrorPixels(target, size, 1, offset);
    },
    ...(readMany && {
      async readMany(indices: Uint32Array, target: Uint8Array) {
        await readMany.call(
          source,
          indices.map((index) => index % count),
          target,
        );
        indices.forEach((index, i) => {
          if (index >= count) mirrorPixels(target, size, 1, i * bytes);
        });
      },
    }),
  };
}
