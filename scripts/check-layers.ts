/**
 * Enforces the layering of `src/`: imports point downwards only, nothing below `engine/` touches Node APIs except
 * files named `*.node.ts`, and there are no import cycles between folders. onnxruntime-node is loaded in one place, which turns its
 * telemetry off. Run by `npm run check`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** From the top to the bottom; a folder may import itself and anything to its right. */
const LAYERS = [
  "library",
  "cli",
  "studio",
  "studies",
  "sweep",
  "training",
  "metrics",
  "data",
  "objectives",
  "models",
  "nn",
  "engine",
  "graph",
  "base",
] as const;

/** Folders whose code must also run in a browser: Node APIs only in `*.node.ts` (and in tests). */
const PORTABLE = new Set([
  "base",
  "graph",
  "engine",
  "nn",
  "models",
  "objectives",
  "data",
  "metrics",
  "training",
]);

/** The only file that loads onnxruntime-node; tests do so after test/support/seed.ts. */
const RUNTIME = "engine/onnxruntime.node.ts";

const root = resolve(import.meta.dirname, "..", "src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((f) => f.replaceAll("\\", "/"))
  .filter((f) => f.endsWith(".ts"));
const problems: string[] = [];

for (const file of files) {
  const path = join(root, file);
  const folder = file.split("/")[0] ?? "";
  const rank = LAYERS.indexOf(folder as (typeof LAYERS)[number]);
  const isTest = file.endsWith(".test.ts") || file.includes("/testing/");
  if (file.includes("/") && rank < 0)
    problems.push(`${file}: folder "${folder}" is in no layer (scripts/check-layers.ts)`);
  const text = readFileSync(path, "utf8");
  for (const match of text.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)"([^"]+)"/g)) {
    const target = match[1] ?? "";
    const line = text.slice(0, match.index).split("\n").length;
    if (target === "onnxruntime-node" && file !== RUNTIME && !isTest)
      problems.push(
        `${file}:${line}: onnxruntime-node is loaded by ${RUNTIME} only: its telemetry is off there`,
      );
    if (target.startsWith(".")) {
      const targetFile = relative(root, resolve(dirname(path), target));
      const targetFolder = targetFile.split("/")[0] ?? "";
      const targetRank = LAYERS.indexOf(targetFolder as (typeof LAYERS)[number]);
      if (targetRank >= 0 && rank >= 0 && targetRank < rank)
        problems.push(`${file}:${line}: ${folder}/ must not import from ${targetFolder}/ above it`);
      if (
        !isTest &&
        PORTABLE.has(folder) &&
        target.endsWith(".node.ts") &&
        !file.endsWith(".node.ts") &&
        !match[0].startsWith("import(")
      )
        problems.push(`${file}:${line}: portable code imports the Node-only file ${target}`);
    } else if (
      !isTest &&
      PORTABLE.has(folder) &&
      !file.endsWith(".node.ts") &&
      /^(node:|sharp$)/.test(target)
    ) {
      problems.push(`${file}:${line}: "${target}" is Node-only; put it into a *.node.ts file`);
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`layers: ${files.length} files, imports point downwards only`);
