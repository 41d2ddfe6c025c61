/**
 * A folder of images, any formats, sizes and subfolders. What its subfolders mean is in `tree.ts`;
 * labels may also come from tables, see `metadata.ts`. Unconditional training does not look at
 * labels; probes do.
 */

import type { Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { decodeImage } from "../decode/decode.node.ts";
import type { Square } from "../decode/preprocessing.ts";
import { below, type Place, placeAt, type RawEntry, readableName } from "../formats/raw-names.node.ts";
import { OddFileError, readPlain } from "../plain-file.node.ts";
import { type FoundFile, isHidden, type WalkOptions, walkImages, whyUnreadable } from "../walk.node.ts";
import { MAXIMUM_ENTRY } from "./archives/archive-limits.ts";
import { type FoundTable, MAXIMUM_TABLE, TABLE_TOO_LARGE } from "./labels/metadata.ts";
import { listImageSet } from "./published/image-set.node.ts";
import { wordsFor } from "./raw.node.ts";
import { type Listing, type ListRequest, type SourceDefinition, UnusableImage } from "./source.ts";
import { type SetTree, surveySet } from "./survey.node.ts";

/** The source definition. */
export const folder: SourceDefinition = {
  name: "folder",
  usage: "PATH",
  description: "a folder of images in any format, sizes and subfolders",
  list,
};

async function list({ location, split, unlabeled, onFound, signal }: ListRequest): Promise<Listing> {
  const top = resolve(location);
  await requireFolder(top);
  await refuseRun(top);
  const survey = await surveySet(treeOf(top, { onFound, signal }), split);
  const { own, base } = survey;
  const { files, skipped, runFolders } = own;
  if (files.length + skipped.length === 0) throw noImages(join(top, base), own.otherExtensions);
  const tables: FoundTable[] = [];
  for (const path of survey.tables) {
    const contents = await readTable(top, path);
    if (contents !== undefined) tables.push({ path, contents });
  }
  const set = {
    name: basename(top) || top,
    source: top,
    identity: [readableName(await realpath((await placeAt(top, base)).bytes, { encoding: "buffer" }))],
    survey,
    tables,
    notes: runFolders.length > 0 ? [`Left out folders of training runs: ${runFolders.join(", ")}.`] : [],
    load: async (index: number, square: Square) => {
      const { path, bytes } = files[index]!;
      // sharp takes names that are text only.
      const input = bytes === undefined ? join(top, base, path) : await readOddlyNamed(bytes);
      return decodeImage(input, square, path);
    },
    close: async () => undefined,
  };
  return listImageSet(set, split, unlabeled);
}

/** What is below `top` on the disk. */
function treeOf(top: string, options: WalkOptions): SetTree<FoundFile> {
  /** What `work` makes of `folder`; told as what it is where that cannot be read. */
  const at = async <T>(folder: string, work: (place: Place) => Promise<T>): Promise<T> => {
    try {
      return await work(await placeAt(top, folder));
    } catch (error) {
      const { syscall } = error as NodeJS.ErrnoException;
      throw syscall ? cannotRead(join(top, folder), error as NodeJS.ErrnoException) : error;
    }
  };
  const { signal } = options;
  return {
    subfolders: (folder) => at(folder, subfolders),
    walk: (folder, namesOnly) =>
      at(folder, (place) => walkImages(place, namesOnly ? { signal, namesOnly } : options)),
  };
}

/** Names of the folders in `top`, links to folders among them. */
async function subfolders(top: Place): Promise<string[]> {
  const entries = await readdir(top.bytes, { withFileTypes: true, encoding: "buffer" });
  const names: string[] = [];
  for (const entry of entries as unknown as readonly RawEntry[]) {
    const { name, bytes } = below(top, entry.name);
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

/**
 * What is in the table at `path` below `top`, or why it cannot be read; undefined if there is none.
 */
async function readTable(top: string, path: string): Promise<FoundTable["contents"] | undefined> {
  try {
    const { bytes } = await placeAt(top, path);
    const { size } = await stat(bytes);
    return size > MAXIMUM_TABLE ? TABLE_TOO_LARGE : await readPlain(bytes, MAXIMUM_TABLE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    return `cannot be read (${error instanceof OddFileError ? error.message : code})`;
  }
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
        `Check the spelling; give a folder of images, or nothing at all for the built-in images. If the images of a run have moved, name their new place: train DATA ${option("run", "RUN")}.`,
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

/** Pictures in a run's own folder are grids of samples. @throws UserError where `path` is one */
async function refuseRun(path: string): Promise<void> {
  const names = new Set(await readdir(path).catch(() => []));
  if (!names.has("metrics.jsonl") || !names.has("config.json")) return;
  throw new UserError(
    `${path} is the folder of a training run: the pictures in it are grids of samples, not images.`,
    `Give the images it was trained on; images that it makes are written by: quarterturn sample ${path} ${option("files")} ${option("out", "FOLDER")}`,
  );
}

function cannotRead(path: string, error: NodeJS.ErrnoException): UserError {
  const why =
    error.code === "EACCES" || error.code === "EPERM"
      ? "no permission"
      : (wordsFor(error.code) ?? error.message);
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
