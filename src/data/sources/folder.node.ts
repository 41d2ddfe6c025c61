/**
 * A folder of images, any formats, sizes and subfolders. What its subfolders mean is in `tree.ts`; labels may also come from
 * tables, see `metadata.ts`. Unconditional training does not look at labels; probes do.
 */
import type { Stats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { decodeImage } from "../decode.node.ts";
import type { Square } from "../preprocessing.ts";
import { type FoundFile, isHidden, type WalkOptions, walkImages } from "../walk.node.ts";
import { listImageSet } from "./image-set.node.ts";
import { type FoundTable, MAXIMUM_TABLE, TABLE_TOO_LARGE } from "./metadata.ts";
import { wordsFor } from "./raw.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "./source.ts";
import { type SetTree, surveySet } from "./survey.node.ts";

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
  const survey = await surveySet(treeOf(top, { onFound, signal }), split);
  const { own, base } = survey;
  const { files, skipped, runFolders } = own;
  if (files.length + skipped.length === 0) throw noImages(join(top, base), own.otherExtensions);
  const tables: FoundTable[] = [];
  for (const path of survey.tables) {
    const contents = await readTable(join(top, path));
    if (contents !== undefined) tables.push({ path, contents });
  }
  const set = {
    name: basename(top) || top,
    source: top,
    identity: [await realpath(join(top, base))],
    survey,
    tables,
    notes: runFolders.length > 0 ? [`Left out folders of training runs: ${runFolders.join(", ")}.`] : [],
    load: (index: number, square: Square) =>
      decodeImage(join(top, base, files[index]!.path), square, files[index]!.path),
    close: async () => undefined,
  };
  return listImageSet(set, split);
}

/** What is below `top` on the disk. */
function treeOf(top: string, options: WalkOptions): SetTree<FoundFile> {
  return {
    subfolders: (folder) => subfolders(join(top, folder)),
    walk: (folder, namesOnly) =>
      walkImages(join(top, folder), namesOnly ? { signal: options.signal, namesOnly } : options).catch(
        (error: NodeJS.ErrnoException) => {
          throw error.syscall ? cannotRead(join(top, folder), error) : error;
        },
      ),
  };
}

/** Names of the folders in `top`, links to folders among them. */
async function subfolders(top: string): Promise<string[]> {
  const entries = await readdir(top, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(top, error);
  });
  const isFolder = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory();
      return (await stat(join(top, entry.name)).catch(() => undefined))?.isDirectory() ?? false;
    }),
  );
  return entries.filter(({ name }, index) => isFolder[index] && !isHidden(name)).map(({ name }) => name);
}

/** What is in the table at `path`, or why it cannot be read; undefined if there is none. */
async function readTable(path: string): Promise<FoundTable["contents"] | undefined> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return undefined;
    return info.size > MAXIMUM_TABLE ? TABLE_TOO_LARGE : await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return `cannot be read (${code})`;
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
        "Check the spelling; give a folder of images, or nothing at all for the built-in images. If the images of a run have moved, name their new place: train DATA --run RUN.",
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
