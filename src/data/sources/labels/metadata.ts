/**
 * Labels from tables among the images, as Hugging Face's ImageFolder has them: `metadata.csv` or
 * `metadata.jsonl` with a column `file_name`, relative to the table, and a column `label` of words
 * or of numbers from 0 up. Labels that cannot be used are never an error here: training without
 * conditioning does not look at them, and whoever needs them is told the reason.
 * https://huggingface.co/docs/datasets/image_dataset
 */

import { formatCountOf } from "../../../base/text/format/index.ts";
import { printable } from "../../../base/text/printable.ts";
import { MAXIMUM_LABEL } from "../../store/store.ts";
import { costsTheSet } from "../tree.ts";
import type { MetadataName } from "./metadata-names.ts";
import { isNoLabel } from "./no-label.ts";
import { FILE_NAME, LABEL, readTable, TableProblem, type TableRow } from "./table-text.ts";

/** No table is larger than this, 256 MiB, and what is said of one that is. */
export const MAXIMUM_TABLE = 256 * 1024 * 1024;
export const TABLE_TOO_LARGE = "is larger than any table of labels";

/** Label by path; the paths are as the table has them. */
export type TableLabels = ReadonlyMap<string, string>;

/** What a table gives: labels, or a note why it says nothing of them. */
export type TableContents = { readonly labels: TableLabels } | { readonly note: string };

/**
 * Reads a table.
 * @param keep whether rows may be without a label where others have one
 * @throws TableProblem if it has labels that cannot be used, or cannot be read
 */
export function parseMetadata(bytes: Uint8Array, name: MetadataName, keep = false): TableContents {
  const { columns, rows } = readTable(bytes, name);
  const known = new Set(columns.map((column) => column.toLowerCase()));
  if (!known.has(LABEL))
    return {
      note: known.has(FILE_NAME)
        ? `has no column "${LABEL}" and is not used`
        : `has no columns "${FILE_NAME}" and "${LABEL}" (but ${listed(columns)}) and is not used`,
    };
  if (!known.has(FILE_NAME))
    throw new TableProblem(
      `has a column "${LABEL}" and none "${FILE_NAME}" with the images' paths from its folder (but ${listed(columns)})`,
    );
  const filled = rows.filter(({ fileName, label }) => !isBlank(fileName) || !isBlank(label));
  const bare = filled.filter(({ label }) => isBlank(label) || (keep && isNoLabel(label)));
  if (bare.length === filled.length) return { note: `has no label in any row and is not used` };
  if (bare.length > 0 && !keep)
    throw new TableProblem(
      `has no label in ${bare.length} of ${formatCountOf(filled.length, "row")} (the first in line ${bare[0]!.line})`,
    );
  const labels = new Map<string, string>();
  const without = new Set(bare);
  for (const row of filled) {
    if (without.has(row)) continue;
    const [path, label] = [pathOf(row), labelOf(row)];
    const before = labels.get(path);
    if (before !== undefined && before !== label)
      throw new TableProblem(
        `gives ${printable(path)} two labels, "${printable(before)}" and "${printable(label)}" (in line ${row.line})`,
      );
    labels.set(path, label);
  }
  return { labels };
}

const isBlank = (value: unknown): boolean => value === undefined || value === "";

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, 8).map((column) => `"${printable(column.slice(0, 60))}"`);
  return [...shown, ...(columns.length > shown.length ? ["…"] : [])].join(", ") || "nothing";
}

function pathOf({ fileName, line }: TableRow): string {
  if (typeof fileName === "string" && fileName !== "") return fileName;
  throw new TableProblem(
    isBlank(fileName)
      ? `has no "${FILE_NAME}" in line ${line}`
      : `has a "${FILE_NAME}" in line ${line} that is no text but ${kindOf(fileName)}`,
  );
}

/** A word, a whole number, or true and false, which are words here. */
function labelOf({ label, line }: TableRow): string {
  if (typeof label === "string" || typeof label === "boolean") return String(label);
  if (Number.isSafeInteger(label)) return String(label);
  throw new TableProblem(
    `has a label in line ${line} that is neither a word nor a whole number but ${kindOf(label)}`,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "number" ? String(value) : typeof value === "object" ? "an object" : `${value}`;
}

/** A table that is there, by its path from the top of the set. */
export interface FoundTable {
  readonly path: string;
  /** What is in it, or why that cannot be read, in words that go on from its name. */
  readonly contents: Uint8Array | string;
}

/** What the tables of a set say together. */
export interface SetLabels {
  /** The tables of the part, for notes; from its folder. */
  readonly name: string;
  /** Label by path from the top of the set. */
  readonly labels: TableLabels;
  /** Every label of every part of the set: a class has the same number in all. */
  readonly vocabulary: ReadonlySet<string>;
}

/** Tables named in notes. */
const NAMED = 3;

/**
 * Labels of a set, or why there are none though there is a table; both undefined where tables say
 * nothing of labels.
 */
export interface MetadataResult {
  readonly set: SetLabels | undefined;
  readonly problem: string | undefined;
  readonly notes: readonly string[];
}

/**
 * The tables of a set as one.
 * @param base the folder of the part that is asked for; tables of another part tell classes and no
 * more
 * @param keep whether images may be without a label where others have one
 */
export function joinTables(tables: readonly FoundTable[], base: string, keep = false): MetadataResult {
  const labels = new Map<string, string>();
  const vocabulary = new Set<string>();
  const notes: string[] = [];
  const used: string[] = [];
  let problem: string | undefined;
  for (const { path, contents: bytes } of tables) {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const isOwn = base.startsWith(folder) || folder.startsWith(base);
    try {
      if (typeof bytes === "string") throw new TableProblem(bytes);
      const contents = parseMetadata(bytes, path.slice(folder.length) as MetadataName, keep);
      if ("note" in contents) {
        if (isOwn) notes.push(`${printable(path)} ${contents.note}.`);
        continue;
      }
      if (isOwn) used.push(printable(path.startsWith(base) ? path.slice(base.length) : path));
      for (const [image, label] of contents.labels) {
        vocabulary.add(label);
        if (!isOwn) continue;
        const full = joinPath(folder, image);
        const before = labels.get(full);
        if (before !== undefined && before !== label)
          throw new TableProblem(`and another table give ${printable(full)} different labels`);
        labels.set(full, label);
      }
    } catch (error) {
      if (!(error instanceof TableProblem)) throw error;
      if (isOwn) problem ??= `${printable(path)} ${error.message}`;
    }
  }
  const more = used.length > NAMED ? [`${used.length - NAMED} more`] : [];
  const name = [...used.slice(0, NAMED), ...more].join(", ");
  const set = problem === undefined && used.length > 0 ? { name, labels, vocabulary } : undefined;
  return { set, problem, notes };
}

/**
 * A path from the top, of one that is relative to `folder`: without `.`, `..`, doubled slashes and
 * backslashes. `folder` stays as it is: there, a backslash is part of a name.
 */
function joinPath(folder: string, path: string): string {
  const out: string[] = [];
  for (const word of `${folder}${path.replaceAll("\\", "/")}`.split("/")) {
    if (word === "" || word === ".") continue;
    if (word === ".." && out.length > 0 && out.at(-1) !== "..") out.pop();
    else out.push(word);
  }
  return out.join("/");
}

/** Classes of images by tables. */
export interface MetadataClasses {
  readonly names: readonly string[];
  /** Class of each image; undefined if no table names it. */
  readonly labels: readonly (number | undefined)[];
  /** Rows that name none of the images. */
  readonly unused: number;
}

/**
 * The classes of `paths`, which are from the top of the set. A name is also found composed
 * otherwise (é as one character or as two), as systems store names differently, if only one image
 * can be meant.
 * @param keep whether images may be without a label where others have one
 * @throws TableProblem for labels that cannot be used for these images
 */
export function classesFromMetadata(
  paths: readonly string[],
  { labels, vocabulary }: Pick<SetLabels, "labels" | "vocabulary">,
  keep = false,
): MetadataClasses {
  const names = namesOf(vocabulary);
  const numbers = new Map(names.map((label, index) => [label, index]));
  const places = new Map(paths.map((path, place) => [path, place]));
  const composed = new Map<string, number | "several">();
  for (const [place, path] of paths.entries()) {
    const key = plainPath(path);
    composed.set(key, composed.has(key) ? "several" : place);
  }
  const own = new Array<number | undefined>(paths.length).fill(undefined);
  const exact = new Set<number>();
  let unused = 0;
  for (const [path, label] of labels) {
    const place = places.get(path) ?? composed.get(plainPath(path));
    if (typeof place !== "number") {
      unused++;
      continue;
    }
    const number = numbers.get(label);
    if (places.has(path)) exact.add(place);
    else if (exact.has(place)) continue;
    else if (own[place] !== undefined && own[place] !== number)
      throw new TableProblem(
        `gives ${printable(path)} two labels, in names that differ in how accents are written`,
      );
    own[place] = number;
  }
  const named = own.filter((label) => label !== undefined).length;
  if (paths.length > 0 && (named === 0 || (!keep && costsTheSet(named, paths.length))))
    throw new TableProblem(whichAreNamed(named, paths, own, labels));
  return { names, labels: own, unused };
}

function whichAreNamed(
  named: number,
  paths: readonly string[],
  own: readonly unknown[],
  labels: TableLabels,
): string {
  const images = formatCountOf(paths.length, "image");
  if (named > 0)
    return `names only ${named} of ${images} (not ${printable(paths[own.indexOf(undefined)]!)}, for one)`;
  const [row = ""] = labels.keys();
  return `names none of ${images}: its paths are like "${printable(row)}", those of images like "${printable(paths[0]!)}"`;
}

/** A path by which images of one name are the same however its accents are composed. */
const plainPath = (path: string): string => joinPath("", path).normalize("NFC");

/** Words in alphabetical order; numbers as they are, 0 to the largest. */
function namesOf(labels: ReadonlySet<string>): string[] {
  const unique = [...labels];
  if (unique.length > MAXIMUM_LABEL + 1)
    throw new TableProblem(
      `has ${formatCountOf(unique.length, "different label")}, more than the ${formatCountOf(MAXIMUM_LABEL + 1, "class", "classes")} there can be`,
    );
  // Without the row for 007 there is no 7: numbers are compared as numbers only if they are written as such.
  if (!unique.every((label) => /^-?\d+$/.test(label) && String(Number(label)) === label))
    return unique.sort();
  const wrong = unique.find((label) => Number(label) < 0 || Number(label) > MAXIMUM_LABEL);
  if (wrong !== undefined)
    throw new TableProblem(
      `has the label ${wrong}, which is out of range: classes are numbered from 0 to ${MAXIMUM_LABEL}, or are words`,
    );
  return Array.from({ length: unique.reduce((max, label) => Math.max(max, Number(label)), 0) + 1 }, (_, i) =>
    String(i),
  );
}
