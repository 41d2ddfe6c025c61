/**
 * The rows of a table of labels, as spreadsheets, editors and scripts of many systems write it:
 * with or without a byte-order mark, in UTF-8 or UTF-16, with any line ends, cells parted by
 * commas, semicolons, tabs or bars.
 */
import { CsvError, parse } from "csv-parse/sync";
import { countProgress } from "../../progress.ts";
import type { MetadataName } from "./metadata-names.ts";

/** The column of paths and that of classes. */
export const FILE_NAME = "file_name";
export const LABEL = "label";

/** Why a table or its labels cannot be used, in words that go on from the table's name. */
export class TableProblem extends Error {
  override readonly name = "TableProblem";
}

/** A row as far as it matters. */
export interface TableRow {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly fileName: unknown;
  readonly label: unknown;
}

/** What a table holds. */
export interface TableRows {
  /** Names of all columns. */
  readonly columns: readonly string[];
  /** Rows that are not blank. */
  readonly rows: readonly TableRow[];
}

/**
 * The rows of a table of labels, from its bytes.
 * @throws TableProblem if it cannot be read as such a table
 */
export function readTable(bytes: Uint8Array, name: MetadataName): TableRows {
  const text = decodeText(bytes);
  return name === "metadata.csv" ? csvTable(text) : jsonTable(text);
}

/**
 * Text by its byte-order mark; without one UTF-16 if every other byte of the first ones is zero,
 * else UTF-8.
 * @throws TableProblem if it is neither
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new TableProblem(
      `is not text in ${encoding.toUpperCase()}: save it as UTF-8 (in Excel "CSV UTF-8")`,
    );
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  // Both names of a table begin with characters of ASCII.
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return "utf-16le";
  return a === 0 && b !== 0 && c === 0 && d !== 0 ? "utf-16be" : "utf-8";
}

/** What may part cells, the usual one first. */
const SEPARATORS = [",", ";", "\t", "|"];

function csvTable(text: string): TableRows {
  // What Excel writes to tell itself the separator.
  const told = /^sep=(.)(?:\r\n|\n|\r)/i.exec(text);
  const body = told ? text.slice(told[0].length) : text;
  const separator = told?.[1] ?? separatorOf(body);
  const records = csvRecords(body, separator, told ? 1 : 0);
  const [header, ...rest] = records;
  if (!header) return { columns: [], rows: [] };
  const columns = header.cells.map((cell) => cell.trim());
  const at = (name: string): number => {
    const places = columns.flatMap((column, place) => (column.toLowerCase() === name ? [place] : []));
    if (places.length > 1) throw new TableProblem(`has the column "${name}" twice`);
    return places[0] ?? -1;
  };
  const [file, label] = [at(FILE_NAME), at(LABEL)];
  const rows = rest.map(({ cells, line }): TableRow => {
    if (cells.slice(columns.length).some((cell) => cell.trim() !== ""))
      throw new TableProblem(
        `has ${cells.length} cells in line ${line} and ${columns.length} in its header: a cell with "${separator}" in it needs quotes around it`,
      );
    return { line, fileName: cells[file]?.trim(), label: cells[label]?.trim() };
  });
  return { columns: columns.filter((column) => column !== ""), rows };
}

/**
 * What parts the cells of the first line: with which the column of paths is found, else what makes
 * most cells.
 */
function separatorOf(text: string): string {
  const first = /^[^\r\n]*/.exec(text.trimStart())![0];
  const cells = (separator: string): string[] =>
    first.split(separator).map((cell) => cell.replaceAll('"', "").trim().toLowerCase());
  return (
    SEPARATORS.find((separator) => cells(separator).includes(FILE_NAME) && cells(separator).length > 1) ??
    SEPARATORS.reduce((best, separator) => (cells(separator).length > cells(best).length ? separator : best))
  );
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Records that are not blank. @param linesBefore of the file that are not in `text` */
function csvRecords(text: string, separator: string, linesBefore: number): CsvRecord[] {
  const records: CsvRecord[] = [];
  try {
    parse(text, {
      delimiter: separator,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      // A sign for inches in a caption begins no quotation.
      relax_quotes: true,
      ...{ skip_empty_lines: true, skip_records_with_empty_values: true, trim: true },
      on_record: (cells: string[], { lines }) => {
        countProgress();
        records.push({ line: linesBefore + lines, cells });
        return null;
      },
    });
    return records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === "number" ? ` in line ${linesBefore + error.lines}` : "";
    throw new TableProblem(
      error.code === "CSV_QUOTE_NOT_CLOSED"
        ? "is no CSV: a quotation mark that opens is never closed"
        : `is no CSV: the quotation marks${line} are not as they should be`,
    );
  }
}

function jsonTable(text: string): TableRows {
  const columns = new Set<string>();
  const rows = text.split(/\r\n|\n|\r/).flatMap((source, index): TableRow[] => {
    if (source.trim() === "") return [];
    countProgress();
    const line = index + 1;
    const row = jsonObject(source, line);
    for (const key of Object.keys(row)) columns.add(key);
    const own = (key: string): unknown => {
      const value = Object.hasOwn(row, key) ? row[key] : undefined;
      return typeof value === "string" ? value.trim() : (value ?? undefined);
    };
    return [{ line, fileName: own(FILE_NAME), label: own(LABEL) }];
  });
  return { columns: [...columns], rows };
}

function jsonObject(source: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    // Without the mark that tables put together from several have inside them.
    value = JSON.parse(source.trim());
  } catch {
    throw new TableProblem(`is not one JSON object a line: line ${line} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TableProblem(`is not one JSON object a line: line ${line} is something else`);
  return value as Record<string, unknown>;
}
