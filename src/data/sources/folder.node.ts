/**
 * A folder of images, any formats, sizes and subfolders. If it has the subfolders `train` and `test` they are its split;
 * if all images lie in subfolders, the first level of those is taken for classes (the usual "image folder" layout) —
 * for probes only: training does not look at labels.
 */
import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { decodeFile } from "../decode.node.ts";
import type { Split } from "../store.ts";
import { type FoundFile, walkImages } from "../walk.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "./source.ts";

/** More subfolders than this are not classes but a way of filing. */
const MAXIMUM_CLASSES = 1000;

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
  const { root, note } = await splitFolder(top, split);
  const walk = await walkImages(root, { onFound, signal }).catch((error: NodeJS.ErrnoException) => {
    throw error.syscall ? cannotRead(root, error) : error;
  });
  const { files, skipped, runFolders, otherExtensions } = walk;
  if (files.length + skipped.length === 0) throw noImages(root, otherExtensions);
  const classNames = classesOf(files);
  const classIndex = new Map(classNames?.map((name, index) => [name, index]));
  const notes = note ? [note] : [];
  if (runFolders.length > 0) notes.push(`Left out folders of training runs: ${runFolders.join(", ")}.`);
  return {
    name: basename(top) || top,
    source: top,
    identity: [await realpath(root), ...files.map((file) => `${file.path}\0${file.fingerprint}`)],
    paths: files.map((file) => file.path),
    skipped,
    notes,
    warnings: [],
    classNames,
    load: (index, size) => decodeFile(join(root, files[index]!.path), size),
    label: (index) => classIndex.get(firstFolder(files[index]!.path)!)!,
    close: async () => undefined,
  };
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
  const archive = /\.(zip|tar|tgz|gz|xz|bz2|7z|rar)$/i.test(path);
  throw new UserError(
    `${path} is a file, not a folder.`,
    archive
      ? "Unpack the archive and give the folder it makes."
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

/** The folder that holds `split`. */
async function splitFolder(top: string, split: Split): Promise<{ root: string; note: string | undefined }> {
  const isFolder = async (name: string): Promise<boolean> => {
    const info = await stat(join(top, name)).catch(() => undefined);
    return info?.isDirectory() ?? false;
  };
  const divided = (await isFolder("train")) && (await isFolder("test"));
  if (divided && split !== "all")
    return {
      root: join(top, split),
      note: `Uses the subfolder "${split}" of a folder with "train" and "test".`,
    };
  if (split === "test")
    throw new UserError(
      `${top} has no test images: there are no subfolders "train" and "test".`,
      'Divide the images into two subfolders with these names, or use the split "train" (all of them).',
    );
  return { root: top, note: undefined };
}

/** Names of the first-level subfolders if every image is in one and there are two or more; otherwise undefined. */
function classesOf(files: readonly FoundFile[]): string[] | undefined {
  const names = new Set<string>();
  for (const { path } of files) {
    const name = firstFolder(path);
    if (name === undefined) return undefined;
    names.add(name);
  }
  return names.size >= 2 && names.size <= MAXIMUM_CLASSES ? [...names] : undefined;
}

function firstFolder(path: string): string | undefined {
  const slash = path.indexOf("/");
  return slash < 0 ? undefined : path.slice(0, slash);
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
