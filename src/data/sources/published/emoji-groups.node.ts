/**
 * Unicode's groups of emoji, the classes of the built-in images. The table is generated from
 * emojibase-data (scripts/write-assets.ts).
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";

/** From `src/data/sources/` as from `dist/data/sources/`. */
const FILE = new URL("../../../../assets/emoji/groups.json", import.meta.url);

const schema = z.object({ groups: z.array(z.object({ name: z.string(), emoji: z.string() })) });

/** Groups of emoji. */
export interface EmojiGroups {
  /** Names of the groups, in Unicode's order; a label is a place in this list. */
  readonly classNames: string[];
  /** The label of an emoji given by its code points; undefined for one that is in no group. */
  readonly groupOf: (points: readonly number[]) => number | undefined;
}

/** Read the table. @throws Error when the package is incomplete */
export async function readEmojiGroups(): Promise<EmojiGroups> {
  const { groups } = schema.parse(JSON.parse(await readFile(FILE, "utf8")));
  const table = new Map(groups.flatMap(({ emoji }, label) => emoji.split(" ").map((key) => [key, label])));
  return {
    classNames: groups.map(({ name }) => name),
    groupOf: (points) => table.get(emojiKey(points)),
  };
}

/**
 * Read code points in hexadecimal digits, without the variation selectors that say how an emoji is
 * drawn: `1f469-200d-2695-fe0f` → [0x1f469, 0x200d, 0x2695].
 */
export function parseCodePoints(hexadecimal: string): number[] {
  return hexadecimal
    .split(/[-_]/)
    .map((digits) => Number.parseInt(digits, 16))
    .filter((point) => point !== 0xfe0f);
}

/**
 * The name of an emoji in the table. Flags of regions end in a tag (e007f) that some file names
 * lack.
 */
export function emojiKey(points: readonly number[]): string {
  return points
    .filter((point) => point !== 0xe007f)
    .map((point) => point.toString(16))
    .join("-");
}
