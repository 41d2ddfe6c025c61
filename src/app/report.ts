/** The use case `report`: what lies in run folders, as one page. */
import { join, resolve } from "node:path";
import { requireWritable, writeFileWhole } from "../base/disk/files.node.ts";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { formatCountOf } from "../base/text/format/index.ts";
import { type RunFacts, readFacts } from "../studies/report/facts.ts";
import { type EmbeddedPicture, embedPicture, runPicture, sampleGrids } from "../studies/report/pictures.ts";
import { type ReportedRun, reportHtml } from "../studies/report/report.ts";
import { MEMORIZATION, readMemorizationSheet } from "../training/evaluation/memorization-file.node.ts";
import { listCheckpoints } from "../training/run/checkpoint/checkpoint.node.ts";
import { checkpointsIn } from "../training/run/folder/run-folder.node.ts";
import { currentVersions } from "../training/run/record/environment.node.ts";
import { interpolate } from "../training/sampling/interpolation.ts";
import { sampleLatents } from "../training/sampling/latents.ts";
import { noPicture } from "../training/sampling/sample-files.node.ts";
import { generate, imageGrid } from "../training/sampling/samples.ts";
import { evaluationDistribution } from "../training/settings.ts";
import type { Context } from "./context.ts";
import { findMemorization } from "./evaluate/memorization.ts";
import { chosenStep } from "./support/chosen-step.ts";
import type { EngineChoice } from "./support/engine-choice.ts";
import { loadGenerator, openRunEngine, statisticsOf } from "./support/load-generator.ts";
import { refuseIdle } from "./support/refuse-idle.ts";

/** Rows of the walk, and images in each. */
const ROWS = 4;
const COLUMNS = 12;
/** Widest picture of the walk, in pixels. */
const WALK_WIDTH = 1100;

/** Which runs, and how. */
export interface ReportOptions extends EngineChoice {
  /** Run folders. */
  readonly runs: readonly string[];
  /** An HTML file; in the run where it is one, here where they are several, unless given. */
  readonly out?: string | undefined;
  /** Whether rows of images lead through latent space; they do unless this is false. */
  readonly walk?: boolean | undefined;
  /** Whether the nearest training images are looked for first. */
  readonly nearest?: boolean | undefined;
  /** Of the checkpoint, as everywhere. */
  readonly best?: boolean | undefined;
}

/** What was written: the document of `report --json`. */
export interface ReportResult {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** Run folders, absolute, each once. */
  readonly runs: readonly string[];
}

/**
 * Write a page on one run, or on several compared.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts, with
 * nothing written
 */
export async function writeRunReport(options: ReportOptions, context: Context): Promise<ReportResult> {
  const { out } = options;
  const { report, signal } = context;
  if (options.walk === false && options.nearest !== true)
    refuseIdle(options, ["device", "threads", "best"], `with ${option("walk", false)} nothing is computed`);
  if (out !== undefined && !/\.html?$/i.test(out))
    throw new UserError(`${option("out", out)}: a report is an HTML file.`, "Let the name end in .html.");
  const folders = [...new Set(options.runs.map((run) => resolve(run)))];
  if (options.nearest === true)
    for (const run of folders) await findMemorization({ ...options, run }, context);
  const all: RunFacts[] = [];
  for (const folder of folders) all.push(await readFacts(folder));
  const path = resolve(out ?? (folders.length === 1 ? join(folders[0]!, "report.html") : "report.html"));
  await requireWritable(path);
  const runs: ReportedRun[] = [];
  for (const facts of withOwnNames(all)) {
    signal.throwIfAborted();
    if (facts.unreadable > 0)
      void report({
        kind: "warning",
        message: `${facts.name}: ${formatCountOf(facts.unreadable, "line")} of metrics.jsonl cannot be read and ${facts.unreadable === 1 ? "is" : "are"} left out.`,
      });
    void report({ kind: "progress", activity: "picturing", run: facts.name });
    const walk = options.walk === false ? undefined : await latentWalk(facts, options, context);
    runs.push({
      facts,
      pictures: {
        grids: await sampleGrids(facts),
        reals: await runPicture(facts, "samples/reals.png"),
        walk,
        nearest: facts.memorization && (await nearestPicture(facts.dir)),
      },
    });
  }
  signal.throwIfAborted();
  const html = reportHtml(runs, currentVersions().quarterturn ?? "unknown", new Date());
  await writeFileWhole(path, html);
  return { file: path, bytes: new TextEncoder().encode(html).length, runs: folders };
}

async function nearestPicture(dir: string): Promise<EmbeddedPicture | undefined> {
  const sheet = await readMemorizationSheet(dir);
  return (
    sheet &&
    embedPicture(sheet, WALK_WIDTH).catch((error: unknown) => {
      throw noPicture(dir, MEMORIZATION.sheet, error);
    })
  );
}

/** Runs of one name get as much of their path as tells them apart. */
function withOwnNames(all: readonly RunFacts[]): RunFacts[] {
  return all.map((facts) => {
    if (all.filter(({ name }) => name === facts.name).length === 1) return facts;
    return { ...facts, name: facts.dir.split(/[\\/]/).slice(-2).join("/") };
  });
}

/**
 * Rows that lead from one latent vector to another; undefined where there is no checkpoint to draw
 * them with.
 */
async function latentWalk(
  facts: RunFacts,
  options: ReportOptions,
  context: Context,
): Promise<EmbeddedPicture | undefined> {
  if ((await listCheckpoints(checkpointsIn(facts.dir))).length === 0) return undefined;
  const engine = await openRunEngine(facts.dir, options);
  try {
    const generator = await loadGenerator(engine, facts.dir, {
      step: await chosenStep(facts.dir, { best: options.best }, context),
      onProgress: statisticsOf(context),
      signal: context.signal,
    });
    for (const note of generator.notes)
      void context.report({ kind: "warning", message: `${facts.name}: ${note}` });
    const size = facts.config.generator.latentSize;
    const distribution = evaluationDistribution(facts.config);
    const ends = sampleLatents(0, 2 * ROWS, size, distribution);
    const latents = new Float32Array(ROWS * COLUMNS * size);
    for (let row = 0; row < ROWS; row++) {
      const [from, to] = [0, 1].map((end) =>
        ends.subarray((2 * row + end) * size, (2 * row + end + 1) * size),
      );
      for (let column = 0; column < COLUMNS; column++)
        latents.set(
          interpolate(from!, to!, column / (COLUMNS - 1), distribution),
          (row * COLUMNS + column) * size,
        );
    }
    const { classes } = facts.config.data;
    const conditional = generator.sampler.program.feeds.some(({ name }) => name === "labels");
    const labels = conditional
      ? BigInt64Array.from({ length: ROWS * COLUMNS }, (_, i) => BigInt(Math.floor(i / COLUMNS) % classes))
      : undefined;
    const images = await generate(generator.sampler, latents, generator.alias, labels);
    return await embedPicture(imageGrid(images, facts.config.data.resolution, COLUMNS), WALK_WIDTH);
  } finally {
    await engine.close();
  }
}
