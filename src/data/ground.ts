/** Whether images show things on a plain ground: drawings, icons, product photographs. */
import { drawRandomImages } from "./batches.ts";
import type { ImageStore } from "./store.ts";

/** Images looked at. */
const LOOKED_AT = 256;
/** Levels of 255 by which a pixel of the ground may differ from its color: JPEG and resizing blur it. */
const TOLERANCE = 8;
/** So much of an image's border has one color where the ground is plain. */
const BORDER_SHARE = 0.9;

/** Share of the images, 0 … 1, whose border has one color all around. */
export function plainGroundShare(store: Pick<ImageStore, "count" | "size" | "labels" | "read">): number {
  const images = drawRandomImages(store, LOOKED_AT, 0);
  const bytes = store.size * store.size * 3;
  const count = images.length / bytes;
  let plain = 0;
  for (let i = 0; i < count; i++)
    if (hasPlainBorder(images.subarray(i * bytes, (i + 1) * bytes), store.size)) plain++;
  return plain / count;
}

/** @param pixels uint8 [S, S, 3] */
function hasPlainBorder(pixels: Uint8Array, side: number): boolean {
  const border: number[] = [];
  for (let i = 0; i < side; i++) border.push(i, (side - 1) * side + i, i * side, i * side + side - 1);
  const ground = [0, 1, 2].map((channel) => median(border.map((place) => pixels[3 * place + channel]!)));
  const same = border.filter((place) =>
    ground.every((level, channel) => Math.abs(pixels[3 * place + channel]! - level) <= TOLERANCE),
  );
  return same.length >= BORDER_SHARE * border.length;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
