/**
 * Copies of images, rotated upright: without loss, or not rotated at all, and never in the place of
 * the originals.
 */
import { join } from "node:path";
import sharp from "sharp";
import { makeFolderOf, writeFileWhole } from "../../base/disk/files.node.ts";
import { readPlain } from "../../data/plain-file.node.ts";
import { rotatedOrientation, withOrientation } from "./exif.ts";
import { rotateLosslessly } from "./lossless.ts";
import type { Turns } from "./vote.ts";

/** How a copy came about. */
export type CopyKind =
  /** The same bytes, of an image that is upright. */
  | "copied"
  /** The same pixels, another orientation in the EXIF data (JPEG). */
  | "tagged"
  /** The pixels rotated and stored without loss. */
  | "turned"
  /**
   * The pixels rotated and compressed once more (JPEG whose EXIF data has no place for an
   * orientation).
   */
  | "recompressed"
  /** The same bytes, of an image that is rotated, as turning it would lose something. */
  | "left";

/** A copy that was written. */
export interface WrittenCopy {
  /** Below the folder; ends in .png where the format cannot be written without loss. */
  readonly path: string;
  readonly kind: CopyKind;
  /** What turning would have lost, of one that was left. */
  readonly reason?: string;
}

/** Files are read whole. */
const MAXIMUM_BYTES = 2 ** 31 - 1;

/**
 * Write a copy of `file` that is upright, or one that is not, with the reason, where depth, pages,
 * profile or color model would be lost.
 * @param path of the copy, below `folder`; folders are made. An existing file is replaced
 * @param turns by how many quarter turns the image is rotated counterclockwise, as it is shown
 *   (with its EXIF orientation)
 * @throws UserError when the disk is full or the place not writable; system errors for a file that
 *   cannot be read
 */
export async function writeUpright(
  file: string,
  folder: string,
  path: string,
  turns: Turns,
): Promise<WrittenCopy> {
  const bytes = await readPlain(file, MAXIMUM_BYTES);
  const target = join(folder, path);
  await makeFolderOf(target);
  const leave = async (reason: string): Promise<WrittenCopy> => {
    await writeFileWhole(target, bytes);
    return { path, kind: "left", reason };
  };
  if (turns === 0) {
    await writeFileWhole(target, bytes);
    return { path, kind: "copied" };
  }
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  // Read by other means than this: a drawing, mostly.
  if (!header || header.format === "svg")
    return leave("a drawing, which cannot be rotated without becoming pixels");
  if (header.format === "jpeg") {
    const tagged = withOrientation(bytes, rotatedOrientation(header.orientation ?? 1, turns));
    if (tagged) {
      await writeFileWhole(target, tagged);
      return { path, kind: "tagged" };
    }
  }
  const rotated = await rotateLosslessly(bytes, header, turns);
  if ("reason" in rotated) return leave(rotated.reason);
  const written = rotated.png && header.format !== "png" ? `${path}.png` : path;
  await writeFileWhole(join(folder, written), rotated.bytes);
  return { path: written, kind: header.format === "jpeg" ? "recompressed" : "turned" };
}
