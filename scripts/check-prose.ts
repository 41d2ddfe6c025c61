/**
 * Documents have one sentence a line, and no line that is longer than anybody reads; documents and
 * sources are in American spelling: `tsx scripts/check-prose.ts [--write]`. Run by `npm run check`;
 * with `--write` sentences are put in lines of their own.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { oneSentenceALine } from "./sentences.ts";
import { spellingProblems } from "./spelling.ts";

/** Columns; tables, which cannot be broken, are left out. */
const LONGEST = 360;

const files = [".", ".github", "docs", "test/goldens"].flatMap((folder) =>
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
const sources = [".github", "bin", "bench", "docs", "presets", "scripts", "src", "test", "web"].flatMap(
  (folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js|svelte|css|html|md|ya?ml|py)$/.test(name))
      .map((name) => `${folder}/${name}`),
);
const spelled = [...files.filter((file) => !file.includes("/")), ...sources];
problems.push(...spellingProblems(spelled.map((path) => ({ path, text: readFileSync(path, "utf8") }))));
for (const problem of problems) console.error(problem);
console.log(`prose: ${files.length} documents; the spelling of ${spelled.length} files`);
process.exitCode = problems.length === 0 ? 0 : 1;
