/**
 * Documents have one sentence a line, and no line that is longer than anybody reads: `tsx
 * scripts/check-prose.ts [--write]`. Run by `npm run check`; with `--write` documents are put in
 * order, except for lines that are too long.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { oneSentenceALine } from "./sentences.ts";

/** Columns; tables, which cannot be broken, are left out. */
const LONGEST = 360;

const files = [".", "docs"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => (folder === "." ? name : `${folder}/${name}`)),
);
const problems: string[] = [];
for (const file of files) {
  const before = readFileSync(file, "utf8");
  const after = oneSentenceALine(before);
  if (after !== before) {
    if (process.argv.includes("--write")) writeFileSync(file, after);
    else problems.push(`${file}: not one sentence a line; npx tsx scripts/check-prose.ts --write`);
  }
  after.split("\n").forEach((line, i) => {
    if (line.length > LONGEST && !line.startsWith("|"))
      problems.push(`${file}:${i + 1}: ${line.length} columns; say it in shorter sentences`);
  });
}
for (const problem of problems) console.error(problem);
console.log(`prose: ${files.length} documents`);
process.exitCode = problems.length === 0 ? 0 : 1;
