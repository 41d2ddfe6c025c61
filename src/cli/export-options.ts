/** The options of `export`: which files, and where. */
import { join, resolve } from "node:path";
import { UserError, unknownName } from "../base/errors.ts";
import { EXPORT_PARTS, type ExportPart } from "../training/export/parts.node.ts";
import { type CommandOptions, isGiven } from "./command.ts";

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

/** Parts that an option changes, where it does not change all of them. */
const HEEDED: Readonly<Record<string, readonly ExportPart[]>> = {
  maps: ["discriminator"],
  license: ["card"],
  // Only the generator is averaged; the file of weights has both, and statistics gathered with one of them.
  ema: ["generator", "weights", "card"],
  // The page is made from the configuration.
  step: ["generator", "discriminator", "weights", "card"],
};

/** @throws UserError for an option that changes none of the parts that are written */
export function refuseIdleOptions(parts: readonly ExportPart[], options: CommandOptions): void {
  for (const [name, heeding] of Object.entries(HEEDED)) {
    if (heeding.some((part) => parts.includes(part))) continue;
    const no = name === "ema" && options.flag(name) === false;
    if (!no && !isGiven(options, name)) continue;
    const typed = no ? "no-ema" : name;
    throw new UserError(
      `--${typed} would change nothing: it is for ${heeding.join(", ")}; what is written is ${parts.join(", ")}.`,
      `Name ${heeding.length > 1 ? "one of them" : heeding[0]} with --only, or leave --${typed} out.`,
    );
  }
}
