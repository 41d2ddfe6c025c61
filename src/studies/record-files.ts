/** Records of studies: one JSON document a line, as `metrics.jsonl` of a run. */
import { appendFile } from "node:fs/promises";
import type { z } from "zod";
import { explainWriteError } from "../base/disk/files.node.ts";
import { type Line, readLinesOf } from "../base/disk/lines.node.ts";
import { checkedJson } from "../base/schema.ts";
import { openOwn, refuseLink } from "../training/run/folder/own-files.node.ts";

/** Append a line. @throws UserError when the disk is full, or the file is a link */
export async function appendLine(path: string, line: object): Promise<void> {
  const text = `${JSON.stringify(line)}\n`;
  refuseLink(path);
  await appendFile(path, text).catch(async (error: unknown) => {
    throw await explainWriteError(error, path, text.length);
  });
}

/**
 * All whole lines; none when there is no file.
 * @throws UserError for a line that says something else than `schema`
 */
export async function readLines<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>[]> {
  const file = await openOwn(path);
  if (!file) return [];
  const hint = "Restore the folder, or delete it to begin again.";
  const lines: z.output<S>[] = [];
  const take = (line: Line): void => {
    const where = `${path}, line ${lines.length + 1},`;
    lines.push(checkedJson(schema, line?.toString("utf8") ?? "", { where, hint }));
  };
  try {
    await readLinesOf(file, take);
  } finally {
    await file.close();
  }
  return lines;
}
