/** Files of a run that the page may have: grids of samples and what the discriminator made of them. Nothing else, and no way out. */
import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { leadsInside } from "./discover.ts";

const ALLOWED = /^samples\/(?:\d{7}(?:-ema)?\.png|reals\.png|\d{7}\.judgement\.json)$/;

/** A file as it is sent. */
export interface RunFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * @param dir the run folder
 * @param name path below it, as the record has it
 * @returns undefined for a file that is not there, not allowed, or a link that leads out of the run
 */
export async function readRunFile(dir: string, name: string): Promise<RunFile | undefined> {
  if (!ALLOWED.test(name)) return undefined;
  const path = join(dir, name);
  if (!(await leadsInside(path, await realpath(dir)))) return undefined;
  try {
    const bytes = new Uint8Array(await readFile(path));
    return { type: name.endsWith(".json") ? "application/json" : "image/png", bytes };
  } catch {
    return undefined;
  }
}
