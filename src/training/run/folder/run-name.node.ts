/**
 * Which folder a run lives in when the user names none: after the data and the resolution, numbered
 * when there are several.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errorCode } from "../../../base/disk/files.node.ts";

/** What a name is made of. */
export interface NamedConfig {
  readonly data: { readonly source: string | null; readonly resolution: number };
}

/**
 * The name for runs of a configuration: `emoji-32`, `cifar10-32`, `cats-64`. `format:PATH` is named
 * after the format, a folder after its own name, no source after the built-in data set.
 */
export function runName({ data }: NamedConfig): string {
  const format = /^([a-z0-9]{2,}):/i.exec(data.source ?? "")?.[1];
  const name = data.source === null ? "emoji" : (format ?? basename(resolve(data.source)));
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    // Accents of Latin letters go; the marks of other scripts are part of their words.
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, "")
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return `${slug || "run"}-${data.resolution}`;
}

/**
 * The run folders `first`, `first-2`, `first-3`, … that exist, the last made (highest number)
 * first.
 */
export async function numberedRuns(first: string): Promise<string[]> {
  const name = basename(first);
  const names = await readdir(dirname(first)).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  const numbers = names
    .map((found) => {
      if (found === name) return 1;
      const number = found.startsWith(`${name}-`) ? found.slice(name.length + 1) : "";
      return /^[1-9]\d*$/.test(number) ? Number(number) : 0;
    })
    .filter((number) => number > 0)
    .sort((a, b) => b - a)
    .map((number) => numbered(first, number));
  const runs = await Promise.all(numbers.map(async (path) => ((await isRun(path)) ? [path] : [])));
  return runs.flat();
}

/** The path of the `number`-th run of a name. */
export function numbered(first: string, number: number): string {
  return number === 1 ? first : join(dirname(first), `${basename(first)}-${number}`);
}

/** Is there a run in this folder? */
export function isRun(folder: string): Promise<boolean> {
  return stat(join(folder, "config.json")).then(
    (found) => found.isFile(),
    () => false,
  );
}
