/**
 * Checks what the files of `src/` import from one another. `npm run check` runs it.
 *
 * - A folder imports itself and folders below it in `LAYERS`, never one above.
 * - No files import one another in a circle, in `src/` and in `web/`; imports of types count too.
 * - Code of the folders in `PORTABLE` also runs in browsers: APIs and packages that only Node has
 *   are imported in files named `*.node.ts`, in tests, and nowhere else.
 * - `app/`, `narration/` and `library/` know of no command line: they print nothing, read no
 *   arguments and end no process. `cli/` and `library/` are beside one another.
 * - Messages name no flag but an option (base/option-names.ts), whatever folder they are in, save
 *   in `MAY_NAME_FLAGS`.
 * - onnxruntime-node is loaded in one file, which turns its telemetry off.
 * - No source is longer than `LONGEST`, in whatever language, tests included.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { importCycles, isTest, readSources, type SourceFile } from "./imports.ts";

/** From the top to the bottom; a folder may import itself and anything after it. */
export const LAYERS = [
  "cli",
  "library",
  "narration",
  "app",
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

/** Folders whose code must also run in a browser. */
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

/** Folders for whoever calls, with or without a command line. */
const CALLERS_UNKNOWN = new Set(["app", "narration", "library"]);

/** What belongs to a command line, and why it is refused there. */
const OF_COMMAND_LINES: readonly (readonly [RegExp, string])[] = [
  [/\bconsole\.|\bprocess\.(stdout|stderr)\b/, "prints; tell it as an event"],
  [/\bprocess\.(argv|exit|on)\b/, "belongs to the command line"],
];

/** A flag in a text. */
const NO_FLAGS: typeof OF_COMMAND_LINES = [
  [/["'`](|[^"'`]*[\s(])--[a-z]/, "names a flag; name the option (base/option-names.ts)"],
];

/**
 * Where texts may have flags: in arguments of processes, in styles of pages, in what is written for
 * schedulers, and in texts that stay in a run's record, which people read beside the command line.
 */
const MAY_NAME_FLAGS = [
  /^(cli|sweep|studio\/launch|studies\/report)\//,
  /^base\/(option-flags|processes\/modules\.node)\.ts$/,
  /^engine\/(devices\/devices|node\.node)\.ts$/,
  /^data\/sources\/archives\/tar\.node\.ts$/,
  /^studio\/server\/security\.ts$/,
  /^training\/config\/reproduce\.node\.ts$/,
  /^training\/loop\/health\/(collapse|health|overfitting|plateau)\.ts$/,
  /^training\/(run\/record\/continue-record|evaluation\/memorization-file)\.node\.ts$/,
  /^metrics\/counts\.ts$/,
  /^studies\/memorization\/memorization\.ts$/,
];

/** Packages that need Node. */
const NODE_ONLY = /^(node:.*|sharp|onnxruntime-node|yauzl|bullmq|ioredis|pg|@resvg\/.*|@hono\/node-server)$/;

/** The only file that loads onnxruntime-node; tests do so after test/support/seed.ts. */
const RUNTIME = "engine/onnxruntime.node.ts";

/**
 * The layer of a file: a place in `LAYERS`, −1 for the files beside the folders and for unknown
 * folders.
 */
export const layerOf = (path: string): number =>
  LAYERS.indexOf((path.split("/")[0] ?? "") as (typeof LAYERS)[number]);

/** What is wrong with one file, a line for each fault. */
export function problemsOf({ path, imports, text }: SourceFile): string[] {
  const folder = path.split("/")[0] ?? "";
  const layer = layerOf(path);
  const portable = PORTABLE.has(folder) && !path.endsWith(".node.ts") && !isTest(path);
  const problems: string[] = [];
  if (path.includes("/") && layer < 0)
    problems.push(`${path}: folder "${folder}" is in no layer (scripts/check-layers.ts)`);
  for (const { specifier, file, line, kind } of imports) {
    const say = (fault: string): void => void problems.push(`${path}:${line}: ${fault}`);
    if (specifier === "onnxruntime-node" && path !== RUNTIME && !isTest(path))
      say(`onnxruntime-node is loaded by ${RUNTIME} only: its telemetry is off there`);
    if (file !== undefined && layer >= 0 && layerOf(file) >= 0 && layerOf(file) < layer)
      say(`${folder}/ must not import from ${file.split("/")[0]}/ above it`);
    if (portable && file?.endsWith(".node.ts") && kind !== "dynamic")
      say(`portable code imports the Node-only file ${specifier}`);
    if (portable && NODE_ONLY.test(specifier))
      say(`"${specifier}" is Node-only; put it into a *.node.ts file`);
  }
  if (folder === "cli" && imports.some(({ file }) => file?.startsWith("library/")))
    problems.push(`${path}: cli/ and library/ are beside one another; what both need is in app/`);
  if (isTest(path)) return problems;
  if (CALLERS_UNKNOWN.has(folder)) problems.push(...faultyLines(path, text, OF_COMMAND_LINES));
  if (!MAY_NAME_FLAGS.some((pattern) => pattern.test(path)))
    problems.push(...faultyLines(path, text, NO_FLAGS));
  return problems;
}

function faultyLines(path: string, text: string, faults: typeof OF_COMMAND_LINES): string[] {
  return text.split("\n").flatMap((line, i) => {
    // Comments may speak of it.
    if (/^\s*(\*|\/\*|\/\/)/.test(line)) return [];
    return faults.filter(([pattern]) => pattern.test(line)).map(([, fault]) => `${path}:${i + 1}: ${fault}`);
  });
}

/** Cycles, a line for each. */
export const cycleProblems = (files: readonly SourceFile[]): string[] =>
  importCycles(files, ["static", "type", "dynamic"]).map(
    (cycle) => `${cycle.join(", ")}: these files import one another in a circle`,
  );

/** Lines of the longest file: more are on two subjects. */
export const LONGEST = 300;

/** What is wrong with the length of a file. @param path as it is shown @param text its contents */
export function lengthProblems(path: string, text: string): string[] {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return lines > LONGEST
    ? [`${path}: ${lines} lines, ${LONGEST} at most; divide it by what it is about`]
    : [];
}

/** The same of all files below a folder. @param root it is in */
const tooLong = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|js|svelte|css|py)$/.test(name))
    .flatMap((name) => lengthProblems(`${folder}/${name}`, readFileSync(join(root, folder, name), "utf8")));

if (import.meta.filename === process.argv[1]) {
  const root = resolve(import.meta.dirname, "..");
  const [src, web] = ["src", "web"].map((name) => readSources(resolve(root, name)));
  const problems = [
    ...src!.flatMap(problemsOf),
    ...cycleProblems(src!),
    ...cycleProblems(web!),
    ...["bin", "src", "web", "test", "scripts", "bench"].flatMap((folder) => tooLong(root, folder)),
  ];
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exit(1);
  }
  console.log(
    `layers: ${src!.length} files, imports point downwards only; no cycles, in ${web!.length} files of web/ neither; no file is longer than ${LONGEST} lines`,
  );
}
