/**
 * The diagram of the architecture (docs/images/architecture.svg), drawn from what the folders of
 * `src/` and `web/` really import. An arrow leads from a folder to one that it imports from; arrows
 * that follow from others are left out. `npm run docs` writes it, a test compares.
 */
import { resolve } from "node:path";
import { LAYERS } from "./check-layers.ts";
import { isTest, readSources } from "./imports.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** What each folder is, in a few words. */
const PURPOSES: Readonly<Record<string, string>> = {
  web: "studio and playground pages",
  library: "functions for programs",
  cli: "the command line",
  studio: "server of the live page",
  narration: "events in words",
  app: "use cases: train, sample, …",
  studies: "probes, reports, the paper",
  sweep: "many runs, queues",
  training: "loop, checkpoints, run folder",
  metrics: "FID and its relatives",
  data: "sources, store, batches",
  objectives: "losses, the two steps",
  models: "the networks",
  nn: "layers",
  engine: "runs programs, keeps state",
  graph: "tensors, derivatives, ONNX",
  base: "errors, random numbers, files",
};

/** Which folders each folder imports from, without itself. */
export function folderImports(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>(["web", ...LAYERS].map((name) => [name, new Set()]));
  for (const { path, imports } of readSources(resolve(ROOT, "src")).filter((file) => !isTest(file.path))) {
    const folder = path.split("/")[0] ?? "";
    for (const { file } of imports) {
      const target = file?.split("/")[0] ?? "";
      if (target !== folder && found.has(target)) found.get(folder)?.add(target);
    }
  }
  for (const { path, imports } of readSources(resolve(ROOT, "web")).filter((file) => !isTest(file.path)))
    for (const { specifier } of imports) {
      const target = /\/src\/(\w+)\//.exec(specifier)?.[1];
      if (target !== undefined && found.has(target) && path !== "") found.get("web")?.add(target);
    }
  return found;
}

/** The imports that do not follow from others: a → c is left out where a → b → c. */
export function directImports(all: ReadonlyMap<string, ReadonlySet<string>>): [from: string, to: string][] {
  const reaches = (from: string, to: string): boolean =>
    [...(all.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  return [...all].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
      .map((to): [string, string] => [from, to]),
  );
}

const BOX = { width: 190, height: 44, gapX: 24, gapY: 42 };
const MARGIN = 16;

/** The drawing of the folders and their imports. */
export function architectureSvg(): string {
  const all = folderImports();
  const edges = directImports(all);
  const levelOf = (name: string): number =>
    Math.max(0, ...edges.filter(([from]) => from === name).map(([, to]) => levelOf(to) + 1));
  const names = [...all.keys()];
  const top = Math.max(...names.map(levelOf));
  const rows = Array.from({ length: top + 1 }, (_, i) => names.filter((name) => levelOf(name) === top - i));
  const widest = Math.max(...rows.map((row) => row.length));
  const width = 2 * MARGIN + widest * BOX.width + (widest - 1) * BOX.gapX;
  const height = 2 * MARGIN + rows.length * BOX.height + (rows.length - 1) * BOX.gapY;
  const places = new Map(
    rows.flatMap((row, level) => {
      const used = row.length * BOX.width + (row.length - 1) * BOX.gapX;
      return row.map((name, i): [string, { x: number; y: number }] => [
        name,
        { x: (width - used) / 2 + i * (BOX.width + BOX.gapX), y: MARGIN + level * (BOX.height + BOX.gapY) },
      ]);
    }),
  );
  const arrows = edges.map(([from, to]) => {
    const [a, b] = [places.get(from)!, places.get(to)!];
    const [x1, y1] = [a.x + BOX.width / 2, a.y + BOX.height];
    const [x2, y2] = [b.x + BOX.width / 2, b.y - 5];
    const bend = Math.max(20, (y2 - y1) / 2);
    return `<path d="M${x1} ${y1} C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}" marker-end="url(#tip)"/>`;
  });
  const boxes = [...places].map(
    ([name, { x, y }]) =>
      `<g transform="translate(${x} ${y})"><rect width="${BOX.width}" height="${BOX.height}" rx="6"/>` +
      `<text x="${BOX.width / 2}" y="19" class="name">${name}</text>` +
      `<text x="${BOX.width / 2}" y="35" class="what">${PURPOSES[name] ?? ""}</text></g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    "<title>Folders of the sources, and which imports from which</title>",
    "<style>text{font-family:system-ui,sans-serif;text-anchor:middle;fill:#1f2328}.name{font-size:14px;font-weight:600}" +
      ".what{font-size:11px;fill:#59636e}rect{fill:#f6f8fa;stroke:#8c959f}path{fill:none;stroke:#8c959f;stroke-width:1.2}</style>",
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" style="fill:#8c959f;stroke:none"/></marker></defs>',
    `<rect width="${width}" height="${height}" style="fill:#ffffff;stroke:none"/>`,
    ...arrows,
    ...boxes,
    "</svg>",
    "",
  ].join("\n");
}
