/**
 * Packed files for tests and benchmarks: small ones with known pixels, and ones too large to be
 * worth writing.
 */
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { memoryStore } from "../store/memory-store.ts";
import { checksumsAt, createPack, writeIndex } from "../store/pack-file.node.ts";
import { imageBytes } from "../store/store.ts";

/** The summary of `count` images of `size` pixels that came from nowhere in particular. */
function summaryOf(count: number, size: number) {
  const one = memoryStore({ images: new Uint8Array(imageBytes(size)), size, hash: "" }).summary;
  return { ...one, source: "generated", found: count, used: count, skipped: [], notes: [], warnings: [] };
}

/** A packed file at `path`: `count` images of `size` pixels, as `fill` makes each of them. */
export async function writePack(
  path: string,
  count: number,
  size: number,
  fill: (index: number, pixels: Uint8Array) => void,
): Promise<void> {
  const writer = await createPack(path, size);
  const pixels = new Uint8Array(imageBytes(size));
  for (let index = 0; index < count; index++) {
    fill(index, pixels);
    await writer.add(pixels, undefined);
  }
  await writer.finish({ size, summary: summaryOf(count, size) });
}

/** A packed file of `count` black images that takes no room on the disk: its pixels are a hole. */
export async function writeHollowPack(path: string, count: number, size: number): Promise<void> {
  const index = { count, size, labelled: false, hash: "hollow", summary: summaryOf(count, size) };
  const sums = Buffer.alloc(4 * count);
  const black = crc32(Buffer.alloc(imageBytes(size)));
  for (let i = 0; i < count; i++) sums.writeUInt32LE(black, 4 * i);
  const file = await open(path, "w");
  try {
    const at = checksumsAt(index);
    await file.write(sums, 0, sums.length, at);
    await writeIndex(file, index, at + sums.length);
  } finally {
    await file.close();
  }
}
