/** `classes.json` in the folder of a conditional run: the names of its classes, so that samples can be asked for by name without the data. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { errorCode, writeFileWhole } from "./files.node.ts";

const FILE = "classes.json";

/** Note the names, in the order of the classes' numbers. */
export const writeClassNames = (dir: string, names: readonly string[]): Promise<void> =>
  writeFileWhole(join(dir, FILE), `${JSON.stringify(names, null, 2)}\n`);

/** The names, or undefined where none were noted. @throws UserError when the file is damaged */
export async function readClassNames(dir: string): Promise<string[] | undefined> {
  const path = join(dir, FILE);
  try {
    const names: unknown = JSON.parse(await readFile(path, "utf8"));
    if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UserError(
    `${path} is damaged: it is not a list of names.`,
    "Delete it; classes can be given by number.",
  );
}
