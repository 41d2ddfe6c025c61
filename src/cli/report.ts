/** The work of `report`: what lies in run folders, as one page. */
import { join, resolve } from "node:path";
import { chosenStep } from "../app/chosen-step.ts";
import { findMemorization } from "../app/evaluate/memorization.ts";
import { loadGenerator, openRunEngine, statisticsOf } from "../app/load-generator.ts";
import { shortPath } from "../app/run-folder.ts";
import { UserError } from "../base/errors.ts";
import { readableNumber } from "../base/readable.ts";
import { type RunFacts, readFacts } from "../studies/report/facts.ts";
import { type EmbeddedPicture, embedPicture, runPicture, sampleGrids } from "../studies/report/pictures.ts";
import { type ReportedRun, reportHtml } from "../studies/report/report.ts";
import { listCheckpoints } from "../training/checkpoint.node.ts";
import { currentVersions } from "../training/environment.node.ts";
import { readableBytes, requireWritable, writeFileWhole } from "../training/files.node.ts";
import { interpolate } from "../training/interpolation.ts";
import { sampleLatents } from "../training/latents.ts";
import { MEMORIZATION, readMemorizationSheet } from "../training/memorization-file.node.ts";
import { checkpointsIn } from "../training/run-folder.node.ts";
import { noPicture } from "../training/sample-files.node.ts";
import { generate, imageGrid } from "../training/samples.ts";
import { evaluationDistribution } from "../training/settings.ts";
import { type Invocation, refuseIdle } from "./command.ts";
import { readEngine } from "./engine-options.ts";
import { contextOf } from "./narrate.ts";

/** Rows of the walk, and images in each. */
const ROWS = 4;
const COLUMNS = 12;
/** Widest picture of the walk, in pixels. */
const WALK_WIDTH = 1100;

/** Report on the runs of the command line. @throws UserError for everything a user can put right */
export async function reportFrom({ args, options, output }: Invocation): Promise<void> {
  const out = options.text("out");
  if (out !== undefined && !/\.html?$/i.test(out))
    throw new UserError(`--out ${out}: a report is an HTML file.`, "Let the name end in .html.");
  if (options.flag("walk") === false)
    refuseIdle(
      options,
      ["device", "threads", "best"],
      "with --no-walk nothing is computed",
      "Leave one of them out.",
    );
  const folders = [...new Set(args.map((run) => resolve(run)))];
  if (options.flag("nearest") === true)
    for (const run of folders)
      await findMemorization(
        {
          ...{ run, ...readEngine(options), best: options.flag("best") },
        },
        contextOf(output, never),
      );
  const all: RunFacts[] = [];
  for (const folder of folders) all.push(await readFacts(folder));
  const path = resolve(out ?? (folders.length === 1 ? join(folders[0]!, "report.html") : "report.html"));
  await requireWritable(path);
  const runs: ReportedRun[] = [];
  for (const facts of withOwnNames(all)) {
    if (facts.unreadable > 0)
      output.warning(
        `${facts.name}: ${readableNumber(facts.unreadable, "line")} of metrics.jsonl cannot be read and ${facts.unreadable === 1 ? "is" : "are"} left out.`,
      );
    output.status(`pictures of ${facts.name}`);
    const walk = options.flag("walk") === false ? undefined : await latentWalk(facts, { options, output });
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
  const html = reportHtml(runs, currentVersions().quarterturn ?? "unknown", new Date());
  await writeFileWhole(path, html);
  const bytes = Buffer.byteLength(html);
  output.result(`${shortPath(path)} (${readableBytes(bytes)})`, { file: path, bytes, runs: folders });
}

/** Reports are made whole; Ctrl-C ends the process. */
const never = new AbortController().signal;

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

/** Rows that lead from one latent vector to another; undefined where there is no checkpoint to draw them with. */
async function latentWalk(
  facts: RunFacts,
  { options, output }: Pick<Invocation, "options" | "output">,
): Promise<EmbeddedPicture | undefined> {
  if ((await listCheckpoints(checkpointsIn(facts.dir))).length === 0) return undefined;
  const engine = await openRunEngine(facts.dir, readEngine(options));
  try {
    const generator = await loadGenerator(engine, facts.dir, {
      step: await chosenStep(facts.dir, { best: options.flag("best") }, contextOf(output)),
      onProgress: statisticsOf(contextOf(output)),
    });
    for (const note of generator.notes) output.warning(`${facts.name}: ${note}`);
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
