/** What `export` is asked for: which files, and where. */
import { join, resolve } from "node:path";
import { UserError, unknownName } from "../../base/errors.ts";
import { type OptionName, option } from "../../base/option-names.ts";
import { EXPORT_PARTS, type ExportPart } from "../../training/export/parts.node.ts";
import type { GeneratorOptions } from "../sample/options.ts";
import type { EngineChoice } from "../support/engine-choice.ts";

/** Which run, what of it, and where to. */
export interface ExportOptions extends GeneratorOptions, EngineChoice {
  /** `generator`, `discriminator`, `weights`, `example`, `card`; all unless given. */
  readonly only?: readonly string[] | undefined;
  /** A folder, or the file of a single part; `export` in the run folder unless given. */
  readonly out?: string | undefined;
  /** Whether the discriminator gives out whole feature maps too, not only their means. */
  readonly maps?: boolean | undefined;
  /** License of the model for its card, as the Hugging Face hub calls it. */
  readonly license?: string | undefined;
}

/** What to write. */
export interface ExportRequest {
  readonly parts: readonly ExportPart[];
  /** Where a file of that name goes. */
  place(file: string): string;
}

const PARTS = Object.keys(EXPORT_PARTS) as ExportPart[];
const extensionOf = (name: string): string => /\.[a-z]+$/i.exec(name)?.[0].toLowerCase() ?? "";
/** Ends of names that say that it is a file. */
const FILE_EXTENSIONS = new Map<string, ExportPart>([
  [".onnx", "generator"],
  [".safetensors", "weights"],
  [".html", "example"],
]);

/**
 * Which parts are exported, and where to.
 * @throws UserError for a part there is not, or a place that cannot hold what is asked for
 */
export function exportRequest({ run, only: named = [], out }: ExportOptions): ExportRequest {
  for (const part of named) if (!PARTS.includes(part as ExportPart)) throw unknownName("part", part, PARTS);
  const only = PARTS.filter((part) => named.includes(part));
  if (out === "")
    throw new UserError(`${option("out")} needs a path.`, "Name a folder, or a file ending in .onnx.");
  const alone = out === undefined ? undefined : FILE_EXTENSIONS.get(extensionOf(out));
  if (out === undefined || alone === undefined) {
    if (out !== undefined && /\.(png|jpe?g|gif|zip|pt|pth|ckpt|bin|json)$/i.test(out))
      throw new UserError(
        `${option("out", out)}: no part of an export is such a file.`,
        "Name a folder, or an ONNX file (.onnx), weights (.safetensors) or a page (.html).",
      );
    const folder = out === undefined ? join(run, "export") : out;
    return { parts: only.length > 0 ? only : PARTS, place: (file) => resolve(folder, file) };
  }
  const parts = only.length > 0 ? only : [alone];
  const [part] = parts;
  if (parts.length > 1 || extensionOf(EXPORT_PARTS[part!].file) !== extensionOf(out))
    throw new UserError(
      `${option("out", out)} is one file, but ${parts.join(", ")} ${parts.length > 1 ? "are asked for" : "is another kind"}.`,
      `Name a folder with ${option("out")}, or one part with ${option("only")}.`,
    );
  return { parts, place: () => resolve(out) };
}

/** Parts that an option changes, where it does not change all of them. */
const HEEDED: Readonly<Partial<Record<OptionName & keyof ExportOptions, readonly ExportPart[]>>> = {
  maps: ["discriminator"],
  license: ["card"],
  // Only the generator is averaged; the file of weights has both, and statistics gathered with one of them.
  ema: ["generator", "weights", "card"],
  // The page is made from the configuration.
  step: ["generator", "discriminator", "weights", "card"],
};

/**
 * Refuse options that change nothing of what is exported.
 * @throws UserError for an option that changes none of the parts that are written
 */
export function refuseIdleOptions(parts: readonly ExportPart[], options: ExportOptions): void {
  for (const [key, heeding] of Object.entries(HEEDED)) {
    const name = key as keyof typeof HEEDED;
    const value = options[name];
    if (heeding.some((part) => parts.includes(part)) || value === undefined) continue;
    // Only of averaging no is not what happens anyway.
    if (value === false && name !== "ema") continue;
    const typed = typeof value === "boolean" ? option(name, value) : option(name);
    throw new UserError(
      `${typed} would change nothing: it is for ${heeding.join(", ")}; what is written is ${parts.join(", ")}.`,
      `Name ${heeding.length > 1 ? "one of them" : heeding[0]} with ${option("only")}, or leave ${typed} out.`,
    );
  }
}
