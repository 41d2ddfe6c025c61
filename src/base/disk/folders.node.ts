/** Folders on the disk. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Make a folder and those it is in, as far as they are missing. Node's own `recursive` never ends
 * where a system answers "not there" for a folder whose parent is there, as Linux does below /proc.
 * @returns the outermost folder that was made; undefined where all were there
 * @throws NodeJS.ErrnoException when it cannot be made
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  let outermost: string | undefined;
  try {
    return await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    outermost = await makeFolder(parent);
  }
  // Once more, and no oftener: somebody else may have made the parent meanwhile.
  const made = await makeOne(path);
  return outermost ?? made;
}

/** @returns the folder if it was made; undefined where it was there */
async function makeOne(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    if (await isFolder(path)) return undefined;
    throw error;
  }
}

/**
 * Roots of drives and of read-only disks are refused in words of their own, though they are there.
 */
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
