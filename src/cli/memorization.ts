/** The work of `evaluate --memorization`: the samples of a run beside its training images. */
import { resolve } from "node:path";
import { openData } from "../data/index.node.ts";
import type { ImageStore } from "../data/store.ts";
import { BUILT_IN_FEATURES } from "../metrics/features/feature-network.ts";
import { chosenImages } from "../metrics/images.ts";
import { referenceStatistics } from "../metrics/reference.ts";
import { memorizationLines, nearestTraining, summaryOf } from "../studies/memorization/memorization.ts";
import { nearestSheet } from "../studies/memorization/sheet.ts";
import { measuredWith } from "../training/evaluations.node.ts";
import { writeFileWhole } from "../training/files.node.ts";
import { writePng } from "../training/images.node.ts";
import { generatedImages } from "../training/measure.ts";
import { MEMORIZATION, type MemorizationFile } from "../training/memorization-file.node.ts";
import { generate } from "../training/samples.ts";
import { gridLatents } from "../training/sampling.ts";
import { chosenStep } from "./chosen-step.ts";
import { type CommandOptions, type Invocation, refuseIdle } from "./command.ts";
import { openInstruments } from "./evaluation-options.ts";
import { type LoadedGenerator, loadGenerator, openRunEngine, runConfig } from "./load-generator.ts";
import type { Output } from "./output.ts";
import { dataSentence, packReport, progressBar, statisticsReport } from "./prepare.ts";
import { openResources } from "./resources.ts";
import { shortPath } from "./run-folder.ts";
import { formatCount, formatPercent } from "./status.ts";
import { canAppend, writeLast } from "./write-last.ts";

/** Samples looked at, unless told otherwise. */
const SAMPLES = 500;
/** The summary says something from so many on. */
const FEWEST = 64;
/** A training image is resized as `evaluate` does it by default. */
const RESIZE = "tf1-bilinear";

/** Options of `evaluate` that have no meaning here. */
const OTHERS = ["metrics", "protocol", "repeats", "all-checkpoints", "data", "split"];

/** Whether the options ask for it, in either spelling. */
export const asksMemorization = (options: CommandOptions): boolean =>
  options.flag("memorization") === true || options.flag("memorisation") === true;

/** What was found, and where it is: the document of `evaluate --memorization --json`. */
export type MemorizationOutcome = MemorizationFile & {
  /** The run folder, the document and the sheet of samples beside their neighbours; all absolute. */
  readonly run: string;
  readonly file: string;
  readonly picture: string;
  /** Whether the two are there; why not, has been told as a warning. */
  readonly written: boolean;
};

/** Find the nearest training images, say what they mean, and keep them in the run. @throws as `measureMemorization` */
export async function memorizationFrom(
  signal: AbortSignal,
  { args: [run = ""], options, output }: Invocation,
): Promise<MemorizationOutcome> {
  refuseIdle(
    options,
    OTHERS,
    "with --memorization only training images are looked at",
    "Leave one of them out.",
  );
  const outcome = await measureMemorization(run, { options, output, signal });
  const lines = memorizationLines(outcome.summary);
  const place = outcome.written
    ? `${shortPath(outcome.picture)} shows each sample of the run's grid, its nearest training image in features and in pixels, and the percentiles`
    : "not written down";
  output.result(`${lines.join("\n")}\n${place}`, outcome);
  return outcome;
}

/** What it works with. */
export interface MemorizationSurroundings {
  readonly options: CommandOptions;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * Find the training images nearest to samples of a run.
 * @throws UserError when checkpoint, images or features are not there; the signal's reason when it aborts
 */
export async function measureMemorization(
  run: string,
  { options, output, signal }: MemorizationSurroundings,
): Promise<MemorizationOutcome> {
  const config = await runConfig(run);
  const count = options.number("samples", { whole: true, min: FEWEST }) ?? SAMPLES;
  const averaged = options.flag("ema");
  const step = await chosenStep(run, options, output, { averaged });
  const [file, picture] = [resolve(run, MEMORIZATION.data), resolve(run, MEMORIZATION.sheet)];
  if (!(await canAppend(file)))
    output.warning(`${shortPath(file)} cannot be written to: what is found will only be printed.`);
  const { keep, close } = openResources();
  try {
    const onProgress = packReport(output);
    const store = keep(await openData({ ...config.data, signal, onProgress }));
    output.line(`training images: ${dataSentence(store)}`);
    const features = options.text("features") ?? (await measuredWith(run)) ?? BUILT_IN_FEATURES;
    const request = {
      ...{ features, threads: options.number("threads", { whole: true, min: 0 }) },
      ...{ metrics: [], optional: false },
    };
    const { network, products, cache } = keep(await openInstruments(request, output, signal));
    const engine = keep(await openRunEngine(run, options));
    const generator = await loadGenerator(engine, run, {
      ...{ step, averaged, signal },
      onProgress: statisticsReport(output),
    });
    for (const note of generator.notes) output.warning(note);
    const bar = progressBar(output);
    const show = (what: string, share: number): void => bar(what, share, 1, formatPercent);
    const samples = await samplesOf(generator, count, signal);
    const common = { network, resize: RESIZE, products, signal } as const;
    const statistics = await referenceStatistics(
      store,
      store.count,
      new Set(["features"]),
      {
        ...common,
        what: "the training images",
        onProgress: (done) => show("features of the training images", done / store.count),
      },
      cache,
    );
    const nearest = await nearestTraining({
      ...{ ...common, samples: samples.images, training: store, mirrored: config.data.mirror },
      ...{ features: statistics.features!, order: chosenImages(store.count, store.count), onProgress: show },
    });
    const grid = nearest.slice(0, samples.grid);
    const { picture: sheet, ...places } = nearestSheet(samples.images, grid, store);
    const found: MemorizationFile = {
      step: generator.step,
      weights: generator.averaged ? "averaged" : "latest",
      features: { name: network.name, hash: network.hash },
      training: trainingOf(store, config.data.mirror),
      summary: summaryOf(nearest),
      grid,
      sheet: { side: places.side, places: places.places.map(plain) },
    };
    output.line(`step ${formatCount(found.step)}, ${found.weights} weights`);
    const unwritten = await writeLast(output, async () => {
      await writePng(picture, sheet);
      await writeFileWhole(file, `${JSON.stringify(found)}\n`);
    });
    return { run: resolve(run), file, picture, written: unwritten === undefined, ...found };
  } finally {
    await close();
  }
}

const trainingOf = (
  { summary, hash, count }: ImageStore,
  mirrored: boolean,
): MemorizationFile["training"] => ({
  ...{ data: summary.name, hash, split: summary.split, count, mirrored },
});

type Place = MemorizationFile["sheet"]["places"][number];
const plain = ({
  sample,
  at,
  features,
  pixels,
}: { readonly sample: number } & Readonly<
  Record<"at" | "features" | "pixels", readonly [number, number]>
>): Place => ({ sample, at: [...at], features: [...features], pixels: [...pixels] });

/** The images of the run's own grid, then others. */
async function samplesOf(
  generator: LoadedGenerator,
  count: number,
  signal: AbortSignal,
): Promise<{ readonly images: Uint8Array; readonly grid: number }> {
  const { sampler, alias, config } = generator;
  const own = gridLatents(config);
  const grid = await generate(sampler, own.latents, alias, own.labels);
  const more = Math.max(0, count - own.count);
  const images = new Uint8Array(grid.length + (grid.length / own.count) * more);
  images.set(grid);
  let at = grid.length;
  for await (const { pixels } of generatedImages(generator, more, 0, "uint8", signal).chunks(64)) {
    images.set(pixels, at);
    at += pixels.length;
  }
  return { images, grid: own.count };
}
