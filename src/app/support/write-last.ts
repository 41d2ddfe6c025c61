/**
 * Results come first: they are said before they are written down, and what cannot be written is
 * told and loses nothing.
 */
import { access, constants, lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import type { Report } from "../context.ts";
import { explainSystemError } from "./system-errors.ts";

/**
 * Write down what has been said.
 * @returns the reason why it could not be written, which has been told as a warning; undefined when
 * it was
 */
export async function writeLast(report: Report, work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const told = explainSystemError(error) ?? error;
    if (!(told instanceof UserError)) throw error;
    void report({ kind: "warning", message: told.marked.message });
    return told.message;
  }
}

/**
 * Whether a file can be appended to, or made where it is not. Before the work, so that nobody waits
 * for hours in vain.
 */
export async function canAppend(path: string): Promise<boolean> {
  const there = await lstat(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (there && !there.isFile()) return false;
  return access(there ? path : dirname(path), constants.W_OK).then(
    () => true,
    () => false,
  );
}
