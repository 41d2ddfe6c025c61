/**
 * The built-in images: Microsoft's Fluent 3-D emoji (MIT), 256×256 with transparency, from npm's
 * `@lobehub/fluent-emoji-3d`. Colorful, shaded, and nearly all upright. Variants in skin tone are
 * left out as near-duplicates, and what the package has under two spellings of the same code points
 * (`23` and `0023`, with and without variation selectors) is taken once. Class labels are Unicode's
 * emoji groups. About one in ten is held out for testing, by a hash of the base emoji, so that a
 * woman, a man and a person of one trade stay on the same side.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../../../base/errors.ts";
import { decodeImage } from "../../decode/decode.node.ts";
import type { SkippedFile } from "../../store/store.ts";
import { compare } from "../../walk.node.ts";
import { inSplit, type Listing, type ListRequest, type SourceDefinition } from "../source.ts";
import { parseCodePoints, readEmojiGroups } from "./emoji-groups.node.ts";

const PACKAGE = "@lobehub/fluent-emoji-3d";
const SKIN_TONE = /1f3f[b-f]/;

/** The source definition. */
export const emoji: SourceDefinition = {
  name: "emoji",
  usage: "emoji",
  description: "built-in: 1,855 3-D emoji by Microsoft (Fluent, MIT)",
  trusted: true,
  list,
};

async function list({ split, onFound }: ListRequest): Promise<Listing> {
  const { folder, version } = await locate();
  const all = (await readdir(folder)).filter((name) => name.endsWith(".webp")).sort(compare);
  const base = oneSpelling(all.filter((name) => !SKIN_TONE.test(name)));
  const { groupOf, classNames } = await readEmojiGroups();

  const skipped: SkippedFile[] = [];
  const files: { name: string; label: number }[] = [];
  for (const name of base.filter((candidate) => inSplit(split, baseEmoji(candidate)))) {
    const label = groupOf(codePoints(name));
    if (label === undefined) skipped.push({ path: name, reason: "not in the Unicode table of emoji groups" });
    else files.push({ name, label });
  }
  onFound?.(files.length);
  const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(folder, name))).size));
  const notes = [
    `Fluent 3-D emoji by Microsoft (MIT); ${all.length - base.length} skin-tone variants and second spellings left out.`,
  ];
  if (split !== "all")
    notes.push(`Split by base emoji, one in ten held out for testing: this is the ${split} part.`);
  return {
    name: "emoji",
    source: "emoji",
    identity: [version, ...files.map(({ name, label }, i) => `${name} ${label} ${sizes[i]}`)],
    paths: files.map(({ name }) => name),
    skipped,
    notes,
    warnings: [],
    classNames,
    load: (index, square) => decodeImage(join(folder, files[index]!.name), square, files[index]!.name),
    label: (index) => files[index]!.label,
    close: async () => undefined,
  };
}

/**
 * Code points of a file name: `1f469-200d-2695-fe0f.webp` → [0x1f469, 0x200d, 0x2695], without
 * variation selectors.
 */
export function codePoints(fileName: string): number[] {
  return parseCodePoints(fileName.replace(/\.webp$/, ""));
}

/**
 * The first of all file names that spell the same code points; the others show the same emoji once
 * more.
 */
export function oneSpelling(fileNames: readonly string[]): string[] {
  const first = new Map<string, string>();
  for (const name of fileNames) {
    const key = codePoints(name).join("-");
    if (!first.has(key)) first.set(key, name);
  }
  return [...first.values()];
}

/**
 * What an emoji and its near-duplicates share: gender signs go, and man and woman become a person.
 */
export function baseEmoji(fileName: string): string {
  return codePoints(fileName)
    .filter((point) => point !== 0x2640 && point !== 0x2642 && point !== 0x200d)
    .map((point) => (point === 0x1f468 || point === 0x1f469 ? 0x1f9d1 : point))
    .map((point) => point.toString(16))
    .join("-");
}

/** Where the package is, and which version. */
async function locate(): Promise<{ folder: string; version: string }> {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(manifest, "utf8")));
    return { folder: join(dirname(manifest), "assets"), version };
  } catch (error) {
    throw new UserError(
      `The built-in images are missing (npm package ${PACKAGE}).`,
      "Run npm ci again, or give a folder of images.",
      { cause: error },
    );
  }
}
