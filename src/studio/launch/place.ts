/**
 * Folders below the one that the studio was given for trainings. A path comes from a page, so it is
 * taken for hostile: nothing outside of the root is looked at or trained on, by `..`, by an
 * absolute path, or by a link.
 */
import { lstat, readdir, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { errorCode } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import type { LaunchFolder } from "./protocol.ts";

/** Ends of names that images have. */
const IMAGES = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif)$/i;
/** Characters that a path may have. */
const LONGEST = 4096;

/** A path that is refused. It says nothing of what lies outside. */
function refused(path: unknown): UserError {
  const shown = typeof path === "string" ? `"${path.slice(0, 200)}"` : "That";
  return new UserError(
    `${shown} is no folder that images can be taken from.`,
    "Choose one below the folder that the studio was started with; links are not followed.",
  );
}

const isInside = (root: string, path: string): boolean => path === root || path.startsWith(root + sep);

/**
 * The folder of a path below `root`.
 * @param root absolute
 * @param path names with slashes between; empty for the root itself
 * @returns its absolute path, with the links in that of the root resolved
 * @throws UserError for a path that leads elsewhere, contains a link, or is no folder
 */
export async function folderBelow(root: string, path: unknown): Promise<string> {
  if (typeof path !== "string" || path.length > LONGEST) throw refused(path);
  const names = path === "" ? [] : path.split("/");
  const odd = (name: string): boolean =>
    name === "" || name === "." || name === ".." || name.includes("\0") || name.includes("\\");
  if (names.some(odd)) throw refused(path);
  try {
    let place = await realpath(root);
    for (const name of names) {
      place = join(place, name);
      if (!(await lstat(place)).isDirectory()) throw refused(path);
    }
    if (!isInside(await realpath(root), await realpath(place))) throw refused(path);
    return place;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG", "EINVAL"].includes(errorCode(error) ?? ""))
      throw refused(path);
    throw error;
  }
}

/**
 * What is in a folder below `root`: its folders, without links and hidden ones.
 * @throws UserError as `folderBelow`
 */
export async function listFolder(root: string, path: unknown): Promise<LaunchFolder> {
  const place = await folderBelow(root, path);
  const entries = await readdir(place, { withFileTypes: true });
  return {
    path: relative(await realpath(root), place)
      .split(sep)
      .join("/"),
    folders: entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true })),
    images: entries.filter((entry) => entry.isFile() && IMAGES.test(entry.name)).length,
  };
}

/**
 * Training follows links, so a folder may lead out of the root from within.
 * @param folder below the root, as `folderBelow` gives it
 * @throws UserError when something in it is a link that leads out of the root
 */
export async function refuseLinksOut(root: string, folder: string): Promise<void> {
  const top = await realpath(root);
  const seen = new Set([folder]);
  for (const place of seen) {
    for (const entry of await readdir(place, { withFileTypes: true })) {
      const path = join(place, entry.name);
      if (entry.isDirectory()) seen.add(path);
      if (!entry.isSymbolicLink()) continue;
      const target = await realpath(path).catch(() => undefined);
      // One that leads nowhere leads nobody anywhere.
      if (target === undefined) continue;
      if (!isInside(top, target))
        throw new UserError(
          `${relative(top, path)} is a link that leads out of the folder that the studio was started with.`,
          "Put the images themselves there, or start this training in a terminal.",
        );
      if ((await lstat(target)).isDirectory()) seen.add(target);
    }
  }
}
