/**
 * Files of a run, read from its folder and from nowhere else: a run may be a stranger's, and what
 * is made of it is passed on. A link that leads out of the run is refused; what is written is never
 * written through a link.
 */
import { lstatSync } from "node:fs";
import { type FileHandle, lstat, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { z } from "zod";
import { errorCode } from "../../../base/disk/files.node.ts";
import {
  type JsonFile,
  leadsInside,
  openRegular,
  type ReadLimits,
  readIfThere,
  readJsonFile,
} from "../../../base/disk/regular.node.ts";
import { UserError } from "../../../base/errors.ts";

/**
 * The path of a file of a run.
 * @param name below the run folder, with `/`
 * @returns undefined when there is no such file
 * @throws UserError for a link, of the file or of a folder on the way, that leads out of the run
 */
export async function ownPath(run: string, name: string): Promise<string | undefined> {
  const path = join(run, name);
  const there = await lstat(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  });
  if (!there) return undefined;
  if (await leadsInside(path, await realpath(run))) return path;
  throw new UserError(
    `${path} leads out of the run folder: it is a link, or in a folder that is one.`,
    "Put the file itself there, if it belongs to the run; or delete the link.",
  );
}

/**
 * Open a file that lies in the folder of a run.
 * @returns undefined when there is none
 * @throws UserError as `ownPath`, `openRegular`
 */
export async function openOwn(path: string): Promise<FileHandle | undefined> {
  const own = await ownPath(dirname(path), basename(path));
  return own === undefined ? undefined : openRegular(own);
}

/**
 * Read a file of a run.
 * @returns undefined when there is none
 * @throws UserError as `ownPath`, `readRegular`
 */
export async function readOwn(run: string, name: string, limits: ReadLimits): Promise<Buffer | undefined> {
  const path = await ownPath(run, name);
  return path === undefined ? undefined : readIfThere(path, limits);
}

/**
 * Read a JSON file of a run.
 * @returns undefined when there is none
 * @throws UserError as `ownPath`, `readJsonFile`
 */
export async function readOwnJson<S extends z.ZodType>(
  run: string,
  name: string,
  file: JsonFile<S>,
): Promise<z.output<S> | undefined> {
  const path = await ownPath(run, name);
  return path === undefined ? undefined : readJsonFile(path, file);
}

/**
 * Before a file of a run is appended to or cut.
 * @throws UserError when it is a link: whatever it leads to would be changed
 */
export function refuseLink(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new UserError(
    `${path} is a link, and what it leads to would be changed.`,
    "Put the file itself there. A whole run folder may be a link.",
  );
}
