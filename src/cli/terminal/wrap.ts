/**
 * Lines no wider than the terminal, broken between words. A terminal itself breaks them anywhere,
 * and columns are lost with it.
 */
import { stripVTControlCharacters } from "node:util";

/** Part of a line's width up to which a column may begin for its text to be wrapped inside it. */
const DEEPEST = 0.6;
/** Spaces by which a line that goes on is indented where it has no columns. */
const HANGING = 2;

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/**
 * Text with its lines broken at words. The rest of a row of a table goes on below its last column,
 * that of other lines a little to the right of where they begin. A word that is too long by itself,
 * such as a path, stays whole, so that it can be copied.
 * @param columns characters a line may have; Infinity leaves everything as it is
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  const hang = hangOf(line, columns);
  const lines: string[] = [];
  let current = "";
  let width = 0;
  // A word with the spaces before it, which are kept inside a line, as they align columns.
  for (const [, spaces = "", word = ""] of line.matchAll(/( *)([^ ]+)/g)) {
    // Behind a break, and so far to the right that nothing can go on below it, nothing is aligned
    // any more; two spaces still tell columns apart.
    const loose = lines.length > 0 || (width > 0 && width + spaces.length > columns * DEEPEST);
    const gap = loose && spaces.length > 2 ? "  " : spaces;
    const more = gap.length + widthOf(word);
    if (width > 0 && width + more > columns && stripVTControlCharacters(current).trim() !== "") {
      lines.push(current);
      current = " ".repeat(hang) + word;
      width = hang + widthOf(word);
    } else {
      current += gap + word;
      width += more;
    }
  }
  return [...lines, current].join("\n");
}

/**
 * Where the lines begin that a line goes on in: below its last column, if that leaves enough room.
 */
function hangOf(line: string, columns: number): number {
  const plain = stripVTControlCharacters(line);
  const begin = plain.search(/[^ ]/);
  const starts = [...plain.matchAll(/[^ ] {2,}(?=[^ ])/g)].map(({ index, 0: gap }) => index + gap.length);
  const column = starts.findLast((start) => start <= columns * DEEPEST);
  return column ?? Math.min(begin + HANGING, Math.floor(columns / 2));
}
