/**
 * Upright copies of a folder of images: one that cannot be made is told of and does not stop the
 * others.
 */
import { join } from "node:path";
import { errorCode, makeFolderOf } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { formatCountOf } from "../../base/text/format/index.ts";
import { reasons } from "../../data/advice.ts";
import { OddFileError } from "../../data/plain-file.node.ts";
import type { SkippedFile } from "../../data/store/store.ts";
import type { OrientedImage } from "../../studies/orient/findings.ts";
import { writeUpright } from "../../studies/orient/upright.ts";
import type { Context } from "../context.ts";
import { explainSystemError } from "../support/system-errors.ts";

/** Where copies go, and where the originals are. */
export interface Out {
  readonly folder: string;
  readonly originals: string;
}

/** What came of it. */
export interface Copies {
  /** Where each copy is, below the folder, by the path of the original. */
  readonly paths: ReadonlyMap<string, string>;
  /** Rotated images whose copies are as they were, and what turning them would have lost. */
  readonly left: readonly SkippedFile[];
  /** Images of which there is no copy. */
  readonly failed: readonly SkippedFile[];
}

/** Nothing more can be written then. */
const FINAL = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO"]);

/**
 * Write copies of `images`.
 * @param turnedOnly whether only of those that are rotated
 * @throws UserError when nothing can be written to the folder, or its disk is full; the signal's
 *   reason when it aborts
 */
export async function writeCopies(
  { folder, originals }: Out,
  images: readonly OrientedImage[],
  turnedOnly: boolean,
  { report, signal }: Context,
): Promise<Copies> {
  const paths = new Map<string, string>();
  const left: SkippedFile[] = [];
  const failed: SkippedFile[] = [];
  const chosen = turnedOnly ? images.filter(({ verdict }) => verdict === "turned") : images;
  // Found out before every single copy fails for the same reason.
  if (chosen.length > 0) await makeFolderOf(join(folder, "any"));
  for (const [i, { path, turns, verdict }] of chosen.entries()) {
    signal.throwIfAborted();
    try {
      const turn = verdict === "turned" ? turns : 0;
      const written = await writeUpright(join(originals, path), folder, path, turn);
      paths.set(path, written.path);
      if (written.reason !== undefined) left.push({ path, reason: written.reason });
    } catch (error) {
      failed.push({ path, reason: whyNot(error, path) });
    }
    void report({ kind: "progress", activity: "copying", done: i + 1, total: chosen.length });
  }
  return { paths, left, failed };
}

/** @throws what it was, if the next copy would fail as well, or it is a bug */
function whyNot(error: unknown, path: string): string {
  const cause = error instanceof UserError ? error.cause : error;
  const code = errorCode(cause) ?? "";
  if (FINAL.has(code)) throw error;
  if (code === "ENOENT" && path.includes("\\x")) return "its name is not UTF-8: give it another";
  if (code === "ENAMETOOLONG") return "the name of its copy would be too long";
  if (error instanceof UserError || error instanceof OddFileError) return error.message;
  const told = explainSystemError(error);
  if (!told) throw error;
  return told.message;
}

/** What to say of copies that are not what was asked for. */
export function copyWarnings({ left, failed }: Pick<Copies, "left" | "failed">): string[] {
  const warnings: string[] = [];
  if (left.length > 0)
    warnings.push(
      `${formatCountOf(left.length, "rotated image was", "rotated images were")} copied without turning: ${reasons(left)}.`,
    );
  if (failed.length > 0)
    warnings.push(`${formatCountOf(failed.length, "image has", "images have")} no copy: ${reasons(failed)}.`);
  return warnings;
}
