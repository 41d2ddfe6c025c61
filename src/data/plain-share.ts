/** Whether a set is one of things on a plain ground: drawings, icons, photographs of products. */
import { drawRandomImages } from "./batches.ts";
import { plainGround } from "./ground.ts";
import type { ImageStore } from "./store.ts";

/** Images looked at. */
const LOOKED_AT = 256;

/** Share of the images, 0 … 1, whose border is of one color for the most part. */
export function plainGroundShare(store: Pick<ImageStore, "count" | "size" | "labels" | "read">): number {
  const images = drawRandomImages(store, LOOKED_AT, 0);
  const bytes = store.size * store.size * 3;
  const count = images.length / bytes;
  const plain = Array.from({ length: count }, (_, i) =>
    plainGround(images.subarray(i * bytes, (i + 1) * bytes), store.size, store.size),
  );
  return plain.filter((color) => color !== undefined).length / count;
}
