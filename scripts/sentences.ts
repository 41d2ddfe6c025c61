/**
 * Markdown with one sentence a line: a change of a sentence is then a change of one line, and long
 * ones are seen. Code, tables, headings, pictures and what is generated stay as they are.
 */

/** A dot behind one of these ends no sentence. */
const ABBREVIATIONS = /(?:\b(?:al|e\.g|i\.e|vs|cf|approx|incl|resp|ca|No|Fig|Eq)|\b[A-Z])\.$/;

/** Cut a paragraph into sentences. Dots inside code, parentheses and quotes end none. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let [start, depth, quoted] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === "`") {
      const close = text.indexOf("`", i + 1);
      if (close > i) i = close;
      continue;
    }
    if (character === '"') quoted = !quoted;
    if (character === "(" || character === "[") depth++;
    if ((character === ")" || character === "]") && depth > 0) depth--;
    if (depth > 0 || quoted || !/[.!?]/.test(character)) continue;
    const rest = /^["'”)\]*_]*\s+(?=["'“([*_`]*(?:[\p{Lu}\d`]|[a-z]+_))/u.exec(text.slice(i + 1));
    if (!rest || ABBREVIATIONS.test(text.slice(start, i + 1))) continue;
    const end = i + 1 + rest[0].trimEnd().length;
    sentences.push(text.slice(start, end));
    start = i + 1 + rest[0].length;
    i = start - 1;
  }
  sentences.push(text.slice(start));
  return sentences.map((sentence) => sentence.trim()).filter((sentence) => sentence !== "");
}

/** Lines that are no prose by themselves. */
const APART = /^\s*(?:\||#|<|!\[|>|---|\*\*\*$)/;
const ITEM = /^(\s*)([-*]|\d+\.)(\s+)/;

/** The same document with one sentence a line. */
export function oneSentenceALine(markdown: string): string {
  const out: string[] = [];
  let paragraph: { readonly lead: string; readonly indent: string; readonly lines: string[] } | undefined;
  const flush = (): void => {
    if (!paragraph) return;
    const { lead, indent, lines } = paragraph;
    out.push(...sentencesOf(lines.join(" ")).map((sentence, i) => (i === 0 ? lead : indent) + sentence));
    paragraph = undefined;
  };
  const verbatim = (line: string): void => {
    flush();
    out.push(line);
  };
  let [fenced, generated, inList, afterBlank, inCode] = [false, false, false, true, false];
  for (const line of markdown.split("\n")) {
    const blank = line.trim() === "";
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      verbatim(line);
    } else if (fenced || generated) {
      if (/^<!-- end/.test(line)) generated = false;
      verbatim(line);
    } else if (/^<!-- generated/.test(line)) {
      generated = true;
      verbatim(line);
    } else if (blank) verbatim(line);
    else if ((afterBlank || inCode) && /^ {4,}/.test(line) && !(inList && ITEM.test(line))) {
      inCode = true;
      verbatim(line);
      afterBlank = false;
      continue;
    } else if (APART.test(line)) {
      inList = false;
      verbatim(line);
    } else {
      const item = ITEM.exec(line);
      if (item) {
        flush();
        inList = true;
        paragraph = {
          lead: item[0],
          indent: " ".repeat(item[0].length),
          lines: [line.slice(item[0].length)],
        };
      } else if (paragraph) paragraph.lines.push(line.trim());
      else {
        const indent = /^\s*/.exec(line)![0];
        if (indent === "") inList = false;
        paragraph = { lead: indent, indent, lines: [line.trim()] };
      }
    }
    inCode = false;
    afterBlank = blank;
  }
  flush();
  return out.join("\n");
}
