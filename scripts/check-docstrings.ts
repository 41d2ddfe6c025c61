/**
 * Docstrings have at most a hundred columns, exported functions have one, and those of exported
 * declarations say something: `tsx scripts/check-docstrings.ts [--write]`. Run by `npm run check`;
 * with `--write` they are broken into lines.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { emptyDocstrings, WIDTH, wideDocstrings, wrapDocstrings } from "./docstrings.ts";

const files = ["bench", "scripts", "src", "test", "web"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|js|svelte)$/.test(name))
    .map((name) => `${folder}/${name}`),
);
const problems: string[] = [];
for (const file of files) {
  const before = readFileSync(file, "utf8");
  const after = wrapDocstrings(before);
  if (after !== before) {
    if (process.argv.includes("--write")) writeFileSync(file, after);
    else problems.push(`${file}: wider than ${WIDTH} columns; npx tsx scripts/check-docstrings.ts --write`);
  }
  for (const line of wideDocstrings(after))
    problems.push(`${file}:${line}: wider than ${WIDTH} columns, and has no place to be broken`);
  if (file.endsWith(".test.ts")) continue;
  for (const line of emptyDocstrings(after))
    problems.push(`${file}:${line}: says nothing; three words at least, or a formula`);
}
for (const problem of problems) console.error(problem);
console.log(`docstrings: ${files.length} files`);
process.exitCode = problems.length === 0 ? 0 : 1;
