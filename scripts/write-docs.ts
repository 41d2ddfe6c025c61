/** Brings the generated sections of docs/*.md up to date. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { architectureSvg } from "./architecture.ts";
import { withSections } from "./docs-sections.ts";

const folder = resolve(import.meta.dirname, "..", "docs");
for (const name of readdirSync(folder).filter((file) => file.endsWith(".md"))) {
  const path = join(folder, name);
  const before = readFileSync(path, "utf8");
  const after = withSections(before);
  if (after === before) continue;
  writeFileSync(path, after);
  console.log(`docs/${name} written`);
}

const drawing = join(folder, "images", "architecture.svg");
writeFileSync(drawing, architectureSvg());
