/** Pictures on disk: PNG through sharp, GIF through gifenc; each wholly there or not there. */
import sharp from "sharp";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { encodeGif, type Frame } from "./gif.ts";
import type { Picture } from "./samples.ts";

/** Encode a picture as PNG. */
export async function encodePng({ width, height, pixels }: Picture): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Write a picture as PNG. @throws UserError when the disk is full or not writable */
export async function writePng(path: string, picture: Picture): Promise<void> {
  await writeFileWhole(path, await encodePng(picture));
}

/**
 * Write pictures of one size as an endless GIF, enlarged `scale` times.
 * @throws UserError when the disk is full or not writable
 */
export async function writeGif(
  path: string,
  frames: Iterable<Frame>,
  delay: number,
  scale = 1,
): Promise<void> {
  await writeFileWhole(path, encodeGif(frames, delay, scale));
}
