/** Copies of images, turned upright: without loss wherever the format allows it, and never in the place of the originals. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { makeFolderOf, writeFileWhole } from "../../training/files.node.ts";
import { turnedOrientation, withOrientation } from "./exif.ts";
import type { Turns } from "./vote.ts";

/** How a copy came about. */
export type CopyKind =
  /** The same bytes. */
  | "copied"
  /** The same pixels, another orientation in the EXIF data (JPEG). */
  | "tagged"
  /** The pixels turned and stored without loss. */
  | "turned"
  /** The pixels turned and compressed once more (JPEG whose EXIF data has no place for an orientation). */
  | "recompressed";

/** A copy that was written. */
export interface WrittenCopy {
  /** Below the folder; ends in .png where the format cannot be written without loss. */
  readonly path: string;
  readonly kind: CopyKind;
}

/** Formats written as they are read, losslessly. */
const LOSSLESS: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  png: (image) => image.png(),
  webp: (image) => image.webp({ lossless: true }),
  tiff: (image) => image.tiff({ compression: "deflate" }),
  avif: (image) => image.avif({ lossless: true }),
};

/**
 * Write a copy of `file` that is upright.
 * @param path of the copy, below `folder`; folders are made. An existing file is replaced
 * @param turns by how many quarter turns the image is turned anticlockwise, as it is shown (with its EXIF orientation)
 * @throws UserError when the disk is full or the place not writable
 */
export async function writeUpright(
  file: string,
  folder: string,
  path: string,
  turns: Turns,
): Promise<WrittenCopy> {
  const bytes = await readFile(file);
  const target = join(folder, path);
  await makeFolderOf(target);
  if (turns === 0) {
    await writeFileWhole(target, bytes);
    return { path, kind: "copied" };
  }
  const { format = "", orientation = 1, pages = 1 } = await sharp(bytes).metadata();
  if (format === "jpeg") {
    const tagged = withOrientation(bytes, turnedOrientation(orientation, turns));
    if (tagged) {
      await writeFileWhole(target, tagged);
      return { path, kind: "tagged" };
    }
  }
  // sharp turns clockwise: what is turned anticlockwise becomes upright. Of several pages the first is what was looked at.
  const upright = sharp(bytes, pages > 1 ? { page: 0 } : {})
    .autoOrient()
    .rotate(90 * turns);
  if (format === "jpeg") {
    await writeFileWhole(target, await upright.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer());
    return { path, kind: "recompressed" };
  }
  const encode = pages === 1 || format === "tiff" ? LOSSLESS[format] : undefined;
  const written = encode ? path : `${path}.png`;
  await writeFileWhole(
    join(folder, written),
    await (encode?.(upright) ?? upright.png()).keepIccProfile().toBuffer(),
  );
  return { path: written, kind: "turned" };
}
