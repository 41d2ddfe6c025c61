/** Whether a set is one of small things on a plain ground: sprites, glyphs, specimens. */
import { drawRandomImages } from "../store/batches.ts";
import type { ImageStore } from "../store/store.ts";
import { isNear, plainGround } from "./ground.ts";

/** Images looked at. */
const LOOKED_AT = 256;

/** So much of an image is ground where the thing on it is small. */
const MOSTLY = 0.6;

/**
 * Share of the images, 0 … 1, that are plain ground for the most part: of one color around and over
 * 60 % of the area.
 */
export function smallOnGroundShare(store: Pick<ImageStore, "count" | "size" | "labels" | "read">): number {
  const images = drawRandomImages(store, LOOKED_AT, 0);
  const bytes = store.size * store.size * 3;
  const count = images.length / bytes;
  let small = 0;
  for (let i = 0; i < count; i++)
    if (groundOf(images.subarray(i * bytes, (i + 1) * bytes), store.size) > MOSTLY) small++;
  return small / count;
}

/**
 * Share of an image that has the color of its border, 0 where the border has several.
 * @param pixels uint8 [S, S, 3]
 */
function groundOf(pixels: Uint8Array, side: number): number {
  const color = plainGround(pixels, side, side);
  if (!color) return 0;
  let ground = 0;
  for (let place = 0; place < side * side; place++) if (isNear(pixels, place, color)) ground++;
  return ground / (side * side);
}
