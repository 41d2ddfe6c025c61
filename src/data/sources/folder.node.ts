/**
 * A folder of images, any formats, sizes and subfolders. What its subfolders mean is in `tree.ts`; labels may also come from a
 * table, see `metadata.node.ts`. Unconditional training does not look at labels; probes do.
 */
import type { Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { decodeImage } from "../decode.node.ts";
import { OddFileError, readPlain } from "../plain-file.node.ts";
import type { Square } from "../preprocessing.ts";
import { below, type RawEntry } from "../raw-names.node.ts";
import { isHidden, walkImages, whyUnreadable } from "../walk.node.ts";
import { MAXIMUM_ENTRY } from "./archive-limits.ts";
import { listImageSet } from "./image-set.node.ts";
import { readMetadata } from "./metadata.node.ts";
import { type Listing, type ListRequest, type SourceDefinition, UnusableImage } from "./source.ts";
import { divisionOf, folderAround, folderOf, otherFolder, tableFolders } from "./tree.ts";

/** The source definition. */
export const folder: SourceDefinition = {
  name: "folder",
  usage: "PATH",
  description: "a folder of images in any format, sizes and subfolders",
  list,
};

async function list({ location, split, onFound, signal }: ListRequest): Promise<Listing> {
  const top = resolve(location);
  await requireFolder(top);
  const division = divisionOf(await subfolders(top));
  const part = folderOf(division, split);
  const other = otherFolder(division, split);
  const root = part === undefined ? top : join(top, part);
  const walk = await walkImages(root, { onFound, signal }).catch((error: NodeJS.ErrnoException) => {
    throw error.syscall ? cannotRead(root, error) : error;
  });
  const { files, skipped, runFolders, otherExtensions } = walk;
  if (files.length + skipped.length === 0) throw noImages(root, otherExtensions);
  const metadata = await readMetadata(
    tableFolders(division, split),
    (path) => readText(join(top, path)),
    top,
  );
  const notes = runFolders.length > 0 ? [`Left out folders of training runs: ${runFolders.join(", ")}.`] : [];
  // Not passed over as in an archive: it would change the names that images are held out by, and the labels, under runs begun before.
  const around = division || metadata?.labels ? undefined : folderAround(files.map(({ path }) => path));
  if (around !== undefined)
    notes.push(
      `All images are in ${around}, and what its subfolders mean is not looked at: give ${join(top, around)} to have them taken for parts or classes.`,
    );
  const set = {
    name: basename(top) || top,
    source: top,
    identity: [await realpath(root)],
    files,
    skipped,
    notes,
    division,
    metadata,
    classesElsewhere: other === undefined ? [] : await subfolders(join(top, other)),
    load: async (index: number, square: Square) => {
      const { path, bytes } = files[index]!;
      // sharp takes names that are text only.
      const input = bytes === undefined ? join(root, path) : await readOddlyNamed(bytes);
      return decodeImage(input, square, path);
    },
    close: async () => undefined,
  };
  return listImageSet(set, split);
}

/** Names of the folders in `top`, links to folders among them. */
async function subfolders(top: string): Promise<string[]> {
  const entries = await readdir(top, { withFileTypes: true, encoding: "buffer" }).catch(
    (error: NodeJS.ErrnoException) => {
      throw cannotRead(top, error);
    },
  );
  const root = { path: "", name: "", bytes: Buffer.from(top), plain: true };
  const names: string[] = [];
  for (const entry of entries as unknown as readonly RawEntry[]) {
    const { name, bytes } = below(root, entry.name);
    const isFolder = entry.isSymbolicLink()
      ? (await stat(bytes).catch(() => undefined))?.isDirectory()
      : entry.isDirectory();
    if (isFolder && !isHidden(name)) names.push(name);
  }
  return names;
}

/** The bytes of an image whose name is not text. */
async function readOddlyNamed(path: Buffer): Promise<Uint8Array> {
  return readPlain(path, MAXIMUM_ENTRY).catch((error: NodeJS.ErrnoException) => {
    throw new UnusableImage(whyUnreadable(error), { cause: error });
  });
}

/** The text of the file at `path`, or undefined if there is none. */
async function readText(path: string): Promise<string | undefined> {
  const bytes = await readPlain(path, MAXIMUM_ENTRY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "EISDIR") return undefined;
    const why = error instanceof OddFileError ? error.message : error.code;
    throw new UserError(`${path} cannot be read (${why}).`, "Check what it is, and who may read it.", {
      cause: error,
    });
  });
  return bytes?.toString("utf8");
}

/** @throws UserError unless `path` is a folder */
async function requireFolder(path: string): Promise<void> {
  let info: Stats;
  try {
    info = await stat(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new UserError(
        `There is no folder ${path}.`,
        "Check the spelling; give a folder of images, or nothing at all for the built-in images.",
      );
    throw cannotRead(path, error as NodeJS.ErrnoException);
  }
  if (info.isDirectory()) return;
  const archive = /\.(gz|xz|bz2|zst|7z|rar)$/i.test(path);
  throw new UserError(
    `${path} is a file, not a folder.`,
    archive
      ? "Of archives, .zip, .tar and .tar.gz are read. Unpack this one and give the folder it makes."
      : "Give the folder that holds the images, not one of them.",
  );
}

function cannotRead(path: string, error: NodeJS.ErrnoException): UserError {
  const why =
    error.code === "EACCES" || error.code === "EPERM" ? "no permission" : (error.code ?? error.message);
  return new UserError(
    `The folder ${path} cannot be read (${why}).`,
    "Check who may read it, and that its disk is there.",
    { cause: error },
  );
}

function noImages(root: string, otherExtensions: ReadonlySet<string>): UserError {
  if (otherExtensions.size === 0)
    return new UserError(`The folder ${root} is empty.`, "Put images into it or into its subfolders.");
  const kinds = [...otherExtensions].sort().slice(0, 8).join(", ");
  return new UserError(
    `The folder ${root} has no images in it, only other files (${kinds}).`,
    "Images are found by their names: .jpg .jpeg .png .webp .gif .tif .tiff .avif .svg, in subfolders as well.",
  );
}
