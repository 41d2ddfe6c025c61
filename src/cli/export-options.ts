/** The options of `export`: which files, and where. */
import { join, resolve } from "node:path";
import { UserError, unknownName } from "../base/errors.ts";
import { EXPORT_PARTS, type ExportPart } from "../training/export/parts.node.ts";
import type { CommandOptions } from "./command.ts";

/** What to write. */
export interface ExportRequest {
  readonly parts: readonly ExportPart[];
  /** Where a file of that name goes. */
  place(file: string): string;
}

const PARTS = Object.keys(EXPORT_PARTS) as ExportPart[];
const extensionOf = (name: string): string => /\.[a-z]+$/i.exec(name)?.[0].toLowerCase() ?? "";
/** Ends of names that say that `--out` is a file. */
const FILE_EXTENSIONS = new Map<string, ExportPart>([
  [".onnx", "generator"],
  [".safetensors", "weights"],
  [".html", "example"],
]);

/** @throws UserError for a part there is not, or an `--out` that cannot hold what is asked for */
export function readExportRequest(run: string, options: CommandOptions): ExportRequest {
  const named = options.texts("only").flatMap((text) => text.split(",").map((part) => part.trim()));
  for (const part of named) if (!PARTS.includes(part as ExportPart)) throw unknownName("part", part, PARTS);
  const only = PARTS.filter((part) => named.includes(part));
  const out = options.text("out");
  if (out === "") throw new UserError("--out needs a path.", "Name a folder, or a file ending in .onnx.");
  const alone = out === undefined ? undefined : FILE_EXTENSIONS.get(extensionOf(out));
  if (out === undefined || alone === undefined) {
    if (out !== undefined && /\.(png|jpe?g|gif|zip|pt|pth|ckpt|bin|json)$/i.test(out))
      throw new UserError(
        `--out ${out}: no part of an export is such a file.`,
        "Name a folder, or an ONNX file (.onnx), weights (.safetensors) or a page (.html).",
      );
    const folder = out === undefined ? join(run, "export") : out;
    return { parts: only.length > 0 ? only : PARTS, place: (file) => resolve(folder, file) };
  }
  const parts = only.length > 0 ? only : [alone];
  const [part] = parts;
  if (parts.length > 1 || extensionOf(EXPORT_PARTS[part!].file) !== extensionOf(out))
    throw new UserError(
      `--out ${out} is one file, but ${parts.join(", ")} ${parts.length > 1 ? "are asked for" : "is another kind"}.`,
      "Name a folder with --out, or one part with --only.",
    );
  return { parts, place: () => resolve(out) };
}
