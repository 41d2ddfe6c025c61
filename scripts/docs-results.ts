/**
 * The results in docs/results.md: what `reproduce` wrote of each table and figure (NAME.json, and
 * NAME.svg where there is a figure), kept in docs/results/. A section `results NAME` is the table
 * with everything its numbers depend on; the prose around it is by hand.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { reportMarkdown } from "../src/studies/reproduce/markdown.ts";
import type { Report } from "../src/studies/reproduce/report.ts";

const FOLDER = resolve(import.meta.dirname, "..", "docs", "results");

/** A section for each result that is kept. */
export function resultSections(folder = FOLDER): Record<string, () => string> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return Object.fromEntries(
    files.map((file) => {
      const name = file.slice(0, -".json".length);
      return [`results ${name}`, () => resultSection(folder, name)];
    }),
  );
}

function resultSection(folder: string, name: string): string {
  const report = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Report;
  const figure = existsSync(join(folder, `${name}.svg`)) ? `\n\n![${report.title}](results/${name}.svg)` : "";
  return reportMarkdown(report, 3) + figure;
}
