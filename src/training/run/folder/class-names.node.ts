/**
 * `classes.json` in the folder of a conditional run: the names of its classes, so that samples can
 * be asked for by name without the data.
 */
import { join } from "node:path";
import { z } from "zod";
import { writeFileWhole } from "../../../base/disk/files.node.ts";
import { readOwnJson } from "./own-files.node.ts";

const FILE = "classes.json";

/** Note the names, in the order of the classes' numbers. */
export const writeClassNames = (dir: string, names: readonly string[]): Promise<void> =>
  writeFileWhole(join(dir, FILE), `${JSON.stringify(names, null, 2)}\n`);

/** The names, or undefined where none were noted. @throws UserError when the file is damaged */
export async function readClassNames(dir: string): Promise<string[] | undefined> {
  return readOwnJson(dir, FILE, {
    schema: z.array(z.string()),
    hint: "It is a list of names. Delete it; classes can be given by number.",
  });
}
