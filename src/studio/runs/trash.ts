/**
 * Runs that somebody deleted: moved to a folder beside the others, `.trash/TIME/…`, from which they
 * can be had back. Nothing here removes a file.
 */

import { readdir, realpath, rename, rmdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { exists } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { UserError } from "../../base/errors.ts";
import { lockedBy } from "../../training/run/folder/lock.node.ts";
import type { FoundRun } from "./discover.ts";

/** Folders that begin with a dot are no runs. */
const TRASH = ".trash";
const TICKET = /^\d{8}-\d{6}-\d+$/;

/** A run that was moved there. */
export interface Trashed {
  /** Names it among those that were deleted. */
  readonly ticket: string;
  /** Where it lies now, below the folder of runs. */
  readonly path: string;
}

/**
 * Move a run to the trash.
 * @param root folder of runs
 * @throws UserError while a process trains in it, or when it is the folder that is served
 */
export async function moveToTrash(root: string, { id, dir }: FoundRun): Promise<Trashed> {
  const top = await realpath(root);
  const place = relative(top, dir);
  if (place === "" || place.startsWith(".."))
    throw new UserError(
      `${id} is the folder that is served.`,
      "Serve the folder above it to delete it here.",
    );
  if ((await lockedBy(dir)) !== undefined)
    throw new UserError(`A process trains in ${id}.`, "Stop it first: Ctrl-C where it was started.");
  const time = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  for (let number = 1; ; number++) {
    const ticket = `${time}-${number}`;
    const into = join(top, TRASH, ticket);
    if (await exists(into)) continue;
    await makeFolder(dirname(join(into, place)));
    await rename(dir, join(into, place));
    return { ticket, path: [TRASH, ticket, ...place.split(sep)].join("/") };
  }
}

/**
 * Put a run back to where it was.
 * @returns its id
 * @throws UserError when there is no such run in the trash, or something else has its place
 */
export async function takeFromTrash(root: string, ticket: unknown): Promise<string> {
  const top = await realpath(root);
  const known = typeof ticket === "string" && TICKET.test(ticket) ? join(top, TRASH, ticket) : undefined;
  const place = known && (await onlyRunIn(known));
  if (!known || place === undefined)
    throw new UserError("It is not in the trash any more.", `Look into ${TRASH} in the folder of runs.`);
  const back = join(top, place);
  if (await exists(back))
    throw new UserError(
      `There is a run ${place} again.`,
      `The deleted one lies in ${TRASH}/${String(ticket)}.`,
    );
  await makeFolder(dirname(back));
  await rename(join(known, place), back);
  for (let empty = dirname(join(known, place)); empty.startsWith(known); empty = dirname(empty))
    await rmdir(empty).catch(() => undefined);
  return place.split(sep).join("/");
}

async function onlyRunIn(folder: string): Promise<string | undefined> {
  for (let place = ""; ; ) {
    const names: string[] = await readdir(join(folder, place)).catch((): string[] => []);
    if (names.includes("config.json")) return place === "" ? undefined : place;
    if (names.length !== 1) return undefined;
    place = join(place, names[0]!);
  }
}
