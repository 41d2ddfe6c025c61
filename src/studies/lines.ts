/** Records of studies: one JSON document a line, as `metrics.jsonl` of a run. */
import { appendFile, readFile } from "node:fs/promises";
import { errorCode, explainWriteError } from "../training/files.node.ts";

/** Append a line. @throws UserError when the disk is full */
export async function appendLine(path: string, line: object): Promise<void> {
  const text = `${JSON.stringify(line)}\n`;
  await appendFile(path, text).catch(async (error: unknown) => {
    throw await explainWriteError(error, path, text.length);
  });
}

/** All whole lines; none when there is no file. */
export async function readLines<T>(path: string): Promise<T[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}
