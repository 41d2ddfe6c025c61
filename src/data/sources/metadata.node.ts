/**
 * Labels from a table beside the images, as Hugging Face's ImageFolder has it: `metadata.csv` or `metadata.jsonl` with a column
 * `file_name`, relative to the table, and a column `label` of words or of numbers from 0 up.
 * https://huggingface.co/docs/datasets/image_dataset
 */
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import type { TableFolder } from "./tree.ts";

/** The names such a table may have. */
export const METADATA_NAMES = ["metadata.csv", "metadata.jsonl"] as const;
export type MetadataName = (typeof METADATA_NAMES)[number];
/** Labels are stored in 16 bits. */
const MAXIMUM_LABEL = 65_535;

/** What a table says: label by file name; undefined labels if it has no such column. */
export interface Metadata {
  /** The table's own name. */
  readonly name: MetadataName;
  readonly labels: ReadonlyMap<string, string> | undefined;
}

/** What the tables of a set say together. */
export interface SetMetadata extends Metadata {
  /** Every label of every part of the set. */
  readonly vocabulary: ReadonlySet<string>;
}

const rowSchema = z.looseObject({
  file_name: z.string().min(1),
  label: z.union([z.string().min(1), z.int()]).optional(),
});

/**
 * Reads a table.
 * @param where names it in errors: its path
 * @throws UserError if it cannot be read as such, or lacks file names, or only some rows have labels
 */
export function parseMetadata(text: string, where: string, name: MetadataName): Metadata {
  const rows = (name === "metadata.csv" ? csvRows : jsonRows)(text, where).map((row, index) => {
    const parsed = rowSchema.safeParse(row);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0]!;
    throw new UserError(
      `${where}: row ${index + 1} is not as it should be (${issue.path.join(".") || "row"}: ${issue.message}).`,
      "Each row needs file_name, the image's path from the table's folder, and label, a word or a number from 0 up.",
    );
  });
  const labelled = rows.filter(({ label }) => label !== undefined).length;
  if (labelled === 0) return { name, labels: undefined };
  if (labelled < rows.length)
    throw new UserError(
      `${where}: ${rows.length - labelled} of ${rows.length} rows have no label.`,
      "Give every row a label, or leave the column out.",
    );
  const own = new Map<string, string>();
  for (const { file_name, label } of rows) {
    const path = file_name.replaceAll("\\", "/");
    if (own.has(path)) throw new UserError(`${where} names ${path} twice.`, "Leave one row for each image.");
    own.set(path, String(label));
  }
  return { name, labels: own };
}

/**
 * The tables in some folders as one, or undefined if there is none.
 * @param read the text of a file, by its path from the top of the set; undefined if it is not there
 * @param where names the set in errors
 */
export async function readMetadata(
  folders: readonly TableFolder[],
  read: (path: string) => Promise<string | undefined>,
  where: string,
): Promise<SetMetadata | undefined> {
  const labels = new Map<string, string>();
  const vocabulary = new Set<string>();
  let first: MetadataName | undefined;
  for (const { folder, prefix } of folders)
    for (const name of METADATA_NAMES) {
      const path = `${folder}${name}`;
      const text = await read(path);
      if (text === undefined) continue;
      if (prefix !== undefined) first ??= name;
      for (const [image, label] of parseMetadata(text, `${where}: ${path}`, name).labels ?? []) {
        vocabulary.add(label);
        if (prefix !== undefined) labels.set(`${prefix}${image}`, label);
      }
    }
  return first && { name: first, labels: labels.size > 0 ? labels : undefined, vocabulary };
}

/** Classes of images by a table with labels. */
export interface MetadataClasses {
  readonly names: readonly string[];
  /** Class of each image; undefined if the table does not name it. */
  readonly labels: readonly (number | undefined)[];
  /** Rows that name none of the images. */
  readonly unused: number;
}

/**
 * The classes of `paths`, which are relative to the table.
 * @throws UserError for a number that is no label
 */
export function classesFromMetadata(
  paths: readonly string[],
  labels: ReadonlyMap<string, string>,
  { name, vocabulary }: Pick<SetMetadata, "name" | "vocabulary">,
): MetadataClasses {
  const names = namesOf(vocabulary, name);
  const numbers = new Map(names.map((label, index) => [label, index]));
  const own = paths.map((path) => labels.get(path));
  return {
    names,
    labels: own.map((label) => (label === undefined ? undefined : numbers.get(label))),
    unused: labels.size - own.filter((label) => label !== undefined).length,
  };
}

/** Words in alphabetical order; numbers as they are, 0 to the largest. */
function namesOf(labels: ReadonlySet<string>, name: string): string[] {
  const unique = [...labels];
  if (!unique.every((label) => /^-?\d+$/.test(label))) return unique.sort();
  const wrong = unique.find((label) => Number(label) < 0 || Number(label) > MAXIMUM_LABEL);
  if (wrong !== undefined)
    throw new UserError(
      `${name}: the label ${wrong} is out of range.`,
      `Number the classes from 0 up (${MAXIMUM_LABEL} at most), or use words.`,
    );
  // Without the row for 007 there is no 7: numbers are compared as numbers only if they are written as such.
  if (!unique.every((label) => String(Number(label)) === label)) return unique.sort();
  return Array.from({ length: Math.max(...unique.map(Number)) + 1 }, (_, label) => String(label));
}

function csvRows(text: string, where: string): unknown[] {
  try {
    const rows: unknown = parse(text, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n"],
    });
    return z.array(z.unknown()).parse(rows);
  } catch (error) {
    throw new UserError(
      `${where} cannot be read: ${firstLine(error)}.`,
      "It must be CSV with a header row.",
      {
        cause: error,
      },
    );
  }
}

function jsonRows(text: string, where: string): unknown[] {
  return text.split("\n").flatMap((line, index): unknown[] => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line)];
    } catch (error) {
      throw new UserError(
        `${where} cannot be read: line ${index + 1} is not JSON.`,
        "It must hold one JSON object a line.",
        { cause: error },
      );
    }
  });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
