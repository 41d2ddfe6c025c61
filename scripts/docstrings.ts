/** Docstrings that fit: the text of `/** … *\/` comments in at most a hundred columns. */

/** Columns of a line with a docstring, its indentation included. */
export const WIDTH = 100;

/** What stands before the text of a line. */
const PREFIX = " * ";
const TAG = /\s+(?=@(?:param|returns|throws|see|example|template|typeParam)\b)/;

/**
 * Break docstrings that are too wide into lines; others stay as they are. Paragraphs are filled
 * anew where one of their lines is too wide; code, tables and what is indented stay.
 * @param source of TypeScript, JavaScript or Svelte
 * @returns the source with every docstring that can be broken within `WIDTH` columns
 */
export function wrapDocstrings(source: string): string {
  const lines = source.split("\n");
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const found = docstringAt(lines, i);
    const taken = lines.slice(i, i + (found?.lines ?? 1));
    if (found && taken.some((line) => line.length > WIDTH)) {
      const { indent, text } = found;
      const filled = fill(text, WIDTH - indent.length - PREFIX.length);
      out.push(
        `${indent}/**`,
        ...filled.map((line) => `${indent}${PREFIX}${line}`.trimEnd()),
        `${indent} */`,
      );
    } else out.push(...taken);
    i += taken.length - 1;
  }
  return out.join("\n");
}

/**
 * Lines of docstrings that are too wide all the same: their numbers, from 1. Formulas and commands,
 * four spaces in, may be.
 */
export function wideDocstrings(source: string): number[] {
  const lines = source.split("\n");
  return lines.flatMap((_, i) => {
    const found = docstringAt(lines, i);
    if (!found) return [];
    return lines
      .slice(i, i + found.lines)
      .flatMap((line, j) => (line.length > WIDTH && !/^\s*\* {5}/.test(line) ? [i + j + 1] : []));
  });
}

/** Terms that say all there is to say, as formulas do. */
const TERMS = ["eˣ", "Natural logarithm.", "Hyperbolic tangent."];

/**
 * Docstrings of exported declarations that say nothing, one or two words before the first tag, and
 * exported functions that have none: their numbers, from 1. Formulas and code are no words.
 */
export function emptyDocstrings(source: string): number[] {
  const lines = source.split("\n");
  const documented = new Set<number>();
  const empty = lines.flatMap((_, i) => {
    const found = docstringAt(lines, i);
    if (!found) return [];
    const after = i + found.lines;
    documented.add(after);
    if (!/^export /.test(lines[after] ?? "")) return [];
    const said = found.text
      .join(" ")
      .split(/(?:^|\s)@[a-z]/)[0]!
      .trim();
    const inWords = /^[\p{L}\s.,;:]*$/u.test(said) && !TERMS.includes(said);
    return inWords && said.split(/\s+/).length < 3 ? [i + 1] : [];
  });
  const bare = lines.flatMap((line, i) =>
    /^export (?:(?:default )?(?:async )?function\b|const \w+ = (?:async )?(?:<[^>]*>)?\()/.test(line) &&
    !documented.has(i) &&
    !isFollowing(lines, i)
      ? [i + 1]
      : [],
  );
  return [...empty, ...bare].sort((a, b) => a - b);
}

/** Whether a function is another form of the one before: overloads share a docstring. */
const isFollowing = (lines: readonly string[], at: number): boolean => {
  const name = /function (\w+)/.exec(lines[at]!)?.[1];
  return name !== undefined && lines.slice(0, at).some((line) => line.startsWith(`export function ${name}`));
};

interface Docstring {
  readonly indent: string;
  /** Its text line by line; in a docstring of one line each tag has its own. */
  readonly text: readonly string[];
  /** How many lines of the source it takes. */
  readonly lines: number;
}

/** The docstring that begins in a line of its own; undefined where none does. */
function docstringAt(lines: readonly string[], at: number): Docstring | undefined {
  const begin = /^(\s*)\/\*\*(?: (.*))?$/.exec(lines[at]!);
  if (!begin) return undefined;
  const [, indent = "", first = ""] = begin;
  const single = /^(.*?)\s*\*\/$/.exec(first);
  if (single) return { indent, text: single[1]!.split(TAG), lines: 1 };
  const text = first === "" ? [] : [first];
  for (let i = at + 1; i < lines.length; i++) {
    if (/^\s*\*\/$/.test(lines[i]!)) return { indent, text, lines: i - at + 1 };
    const inner = /^\s*\*(?: (.*))?$/.exec(lines[i]!);
    if (!inner || lines[i]!.includes("*/")) return undefined;
    text.push(inner[1] ?? "");
  }
  return undefined;
}

/** Paragraphs with a line wider than `width` are filled anew. */
function fill(text: readonly string[], width: number): string[] {
  const out: string[] = [];
  let paragraph: string[] = [];
  let code = false;
  const flush = (): void => {
    out.push(...(paragraph.some((line) => line.length > width) ? broken(paragraph, width) : paragraph));
    paragraph = [];
  };
  for (const line of text) {
    const fence = line.trimStart().startsWith("```");
    if (fence) code = !code;
    // Two or three spaces go on with an item of a list; four are a formula or a command.
    const formed = /^( {4}|\|)/.test(line) || (paragraph.length === 0 && line.startsWith("  "));
    if (fence || code || line.trim() === "" || formed) {
      flush();
      out.push(line);
      continue;
    }
    if (/^(@\w|- |\* |\d+\. |#)/.test(line)) flush();
    paragraph.push(line);
    if (line.startsWith("@example")) flush();
  }
  flush();
  return out;
}

/**
 * The words of a paragraph in lines of at most `width` columns; none begins with what would be a
 * tag. Items of lists go on two spaces in, as everything that did so before.
 */
function broken(lines: readonly string[], width: number): string[] {
  const hanging = /^(- |\* |\d+\. )/.test(lines[0]!) || lines.some((line) => line.startsWith("  "));
  const out: string[] = [];
  let current = "";
  for (const word of lines.join(" ").split(/\s+/)) {
    if (word === "") continue;
    const longer = current === "" ? word : `${current} ${word}`;
    if (longer.length <= width || current === "" || /^(@|[-*#|]$|\d+\.$)/.test(word)) current = longer;
    else {
      out.push(current);
      current = hanging ? `  ${word}` : word;
    }
  }
  return current === "" ? out : [...out, current];
}
