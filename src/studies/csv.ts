/** Tables for spreadsheets and programs (RFC 4180): fields with commas, quotes or line breaks are quoted. */

/** One cell. */
export type Cell = string | number | undefined;

/** A row with its line break; numbers as JavaScript writes them, undefined as nothing. */
export const csvRow = (cells: readonly Cell[]): string => `${cells.map(field).join(",")}\n`;

function field(cell: Cell): string {
  const text = cell === undefined ? "" : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
