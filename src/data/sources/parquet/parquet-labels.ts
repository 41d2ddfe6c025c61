/** Labels of Parquet files: numbers with names from the file or without, or words. */
import { UserError } from "../../../base/errors.ts";
import { MAXIMUM_LABEL, NO_LABEL, type Unlabeled } from "../../store/store.ts";
import { isNoLabel } from "../labels/no-label.ts";

/** What is needed of a file. */
export interface LabeledFile {
  readonly name: string;
  readonly rows: number;
  readonly labelColumn:
    | { readonly name: string; readonly classNames: readonly string[] | undefined }
    | undefined;
  column(name: string): Promise<readonly unknown[]>;
}

/** The labels of all rows of all files. */
export interface ParquetLabels {
  /** Class of every row, in order, `NO_LABEL` for none; empty without classes. */
  readonly values: readonly number[];
  readonly classNames: readonly string[] | undefined;
  readonly notes: readonly string[];
}

/**
 * The labels of `files`, which are parts of one set.
 * @param others files of the other part: without names in the file, classes are numbered by the
 * labels of both
 * @param unlabeled `keep`: a row may be without a label where others have one
 * @returns no labels if they are −1 everywhere, as in sets that keep them secret
 * @throws UserError if only some files have labels, or they are neither numbers from 0 up nor words
 */
export async function readLabels(
  files: readonly LabeledFile[],
  others: readonly LabeledFile[],
  unlabeled: Unlabeled = "exclude",
): Promise<ParquetLabels> {
  const [first] = files;
  const column = first?.labelColumn;
  const unlike = files.find((file) => file.labelColumn?.name !== column?.name);
  if (first && unlike)
    throw new UserError(
      `${unlike.name} and ${first.name} are not of one data set: their columns of labels differ.`,
      "Put files of one data set only into the folder, or give one file.",
    );
  if (!column) return { values: [], classNames: undefined, notes: [] };
  const raw = await valuesOf(files, column.name);
  const all = column.classNames ? raw : [...raw, ...(await valuesOf(others, column.name))];
  const isNone = (value: unknown): boolean => (unlabeled === "keep" ? isNoLabel(value) : false);
  if (raw.every((value) => value === -1 || isNone(value)))
    return {
      values: [],
      classNames: undefined,
      notes: [
        raw.every((value) => value === -1)
          ? `The column "${column.name}" is -1 everywhere: no labels.`
          : `The column "${column.name}" has no label in any row.`,
      ],
    };
  const wrong = raw.findIndex(
    (value) =>
      !(
        isNone(value) ||
        typeof value === "string" ||
        (Number.isInteger(value) && Number(value) <= MAXIMUM_LABEL)
      ),
  );
  if (wrong >= 0)
    throw new UserError(
      `${first!.name}: the column "${column.name}" has ${String(raw[wrong])} in row ${wrong}, which is no label.`,
      `Labels are words, or numbers from 0 to ${MAXIMUM_LABEL}.`,
    );
  const notes = [`Labels are from the column "${column.name}".`];
  if (raw.every((value) => typeof value === "string" || isNone(value))) {
    const names = [...new Set(all.filter((value) => !isNone(value)).map(String))].sort();
    const numbers = new Map(names.map((name, index) => [name, index]));
    const values = raw.map((name) => (isNone(name) ? NO_LABEL : numbers.get(name as string)!));
    return { values, classNames: names, notes };
  }
  const values = raw.map((value) => (isNone(value) ? NO_LABEL : Number(value)));
  const largest = all
    .filter((value) => !isNone(value))
    .map(Number)
    .reduce((max, value) => Math.max(max, value), 0);
  const classNames = column.classNames ?? Array.from({ length: largest + 1 }, (_, label) => String(label));
  return { values, classNames, notes };
}

async function valuesOf(files: readonly LabeledFile[], column: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const file of files)
    if (file.labelColumn?.name === column)
      for (const value of await file.column(column)) values.push(plain(value));
  return values;
}

/** 64-bit integers come as bigint, text without an annotation as bytes. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}
