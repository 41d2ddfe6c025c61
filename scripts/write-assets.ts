/**
 * Writes the two assets that come from large packages, so that only development needs these:
 * `assets/emoji` (which emoji belongs to which of Unicode's groups, from emojibase-data) and
 * `assets/fonts` (the two fonts of figures, from dejavu-fonts-ttf), each with its license.
 * `npm run assets` runs it after one of the packages has changed; a test compares.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { emojiKey, parseCodePoints } from "../src/data/sources/published/emoji-groups.node.ts";
import { FONTS } from "../src/studies/figures/png.ts";

const { resolve: find } = createRequire(import.meta.url);

interface Row {
  readonly hexcode: string;
  readonly group?: number;
}

/** A file of the package emojibase-data. */
const emojibase = (path: string): string => readFileSync(find(`emojibase-data/${path}`), "utf8");

/**
 * The table of emoji groups: the names of the groups in Unicode's order, without the group of bare
 * components, which has no images, and the emoji of each.
 */
function emojiGroups(): string {
  const { groups } = JSON.parse(emojibase("meta/groups.json")) as { groups: Record<string, string> };
  const rows = JSON.parse(emojibase("en/compact.json")) as readonly Row[];
  const { version } = JSON.parse(emojibase("package.json")) as { version: string };
  const table = Object.entries(groups)
    .filter(([, name]) => name !== "component")
    .map(([number, name]) => {
      const members = rows.filter(({ group }) => group === Number(number));
      const keys = members.map(({ hexcode }) => emojiKey(parseCodePoints(hexcode)));
      return { name, emoji: keys.join(" ") };
    });
  return `${JSON.stringify({ source: `emojibase-data ${version}`, groups: table }, undefined, 2)}\n`;
}

/** The files below `assets/` and their contents. */
export function generatedAssets(): Readonly<Record<string, Uint8Array>> {
  const fonts = dirname(find("dejavu-fonts-ttf/package.json"));
  return {
    "emoji/groups.json": Buffer.from(emojiGroups()),
    "emoji/LICENSE": Buffer.from(emojibase("LICENSE")),
    ...Object.fromEntries(FONTS.map((name) => [`fonts/${name}`, readFileSync(join(fonts, "ttf", name))])),
    "fonts/LICENSE": readFileSync(join(fonts, "LICENSE")),
  };
}

if (import.meta.filename === process.argv[1]) {
  for (const [name, bytes] of Object.entries(generatedAssets())) {
    const path = resolve(import.meta.dirname, "..", "assets", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    console.log(`assets/${name}: ${bytes.length} bytes`);
  }
}
