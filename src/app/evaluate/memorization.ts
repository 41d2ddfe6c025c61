/** The use case of a search for copies: the samples of a run beside its training images. */
import { resolve } from "node:path";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { openData } from "../../data/index.node.ts";
import type { ImageStore } from "../../data/store/store.ts";
import { chosenImages } from "../../metrics/extraction/images.ts";
import { referenceStatistics } from "../../metrics/extraction/reference.ts";
import { BUILT_IN_FEATURES } from "../../metrics/features/feature-network.ts";
import { nearestTraining, summaryOf } from "../../studies/memorization/memorization.ts";
import { nearestSheet } from "../../studies/memorization/sheet.ts";
import { measuredWith } from "../../training/evaluation/evaluations.node.ts";
import { generatedImages } from "../../training/evaluation/measure.ts";
import { MEMORIZATION, type MemorizationFile } from "../../training/evaluation/memorization-file.node.ts";
import { writePng } from "../../training/sampling/images.node.ts";
import { generate } from "../../training/sampling/samples.ts";
import { gridLatents } from "../../training/sampling/sampling.ts";
import type { Context } from "../context.ts";
import type { GeneratorOptions } from "../sample/options.ts";
import { chosenStep } from "../support/chosen-step.ts";
import type { EngineChoice } from "../support/engine-choice.ts";
import { packingOf } from "../support/images.ts";
import {
  type LoadedGenerator,
  loadGenerator,
  openRunEngine,
  runConfig,
  statisticsOf,
} from "../support/load-generator.ts";
import { openResources } from "../support/resources.ts";
import { shortPath } from "../support/run-folder.ts";
import { canAppend, writeLast } from "../support/write-last.ts";
import { openEvaluationTools } from "./tools.ts";

/** Samples looked at, unless told otherwise. */
const SAMPLES = 500;
/** A training image is resized as `evaluate` does it by default. */
const RESIZE = "tf1-bilinear";

/** Of which run, and how. */
export interface MemorizationOptions extends GeneratorOptions, EngineChoice {
  /** Samples looked at; 500 unless given. */
  readonly samples?: number | undefined;
  /** A feature network's name, or an ONNX file; the one the run was measured with unless given. */
  readonly features?: string | undefined;
}

/** What was found, and where it is: the document of `evaluate --memorization --json`. */
export type MemorizationOutcome = MemorizationFile & {
  /** The run folder, the document and the sheet of samples beside their neighbors; all absolute. */
  readonly run: string;
  readonly file: string;
  readonly picture: string;
  /** Whether the two are there; why not, has been told as a warning. */
  readonly written: boolean;
};

/**
 * Find the training images nearest to samples of a run, and keep what was found in the run.
 * @throws UserError when checkpoint, images or features are not there; the signal's reason when it
 * aborts
 */
export async function findMemorization(
  options: MemorizationOptions,
  context: Context,
): Promise<MemorizationOutcome> {
  const { run, ema: averaged, samples: count = SAMPLES } = options;
  const { report, signal } = context;
  const config = await runConfig(run);
  const step = await chosenStep(run, { step: options.step, best: options.best, averaged }, context);
  const [file, picture] = [resolve(run, MEMORIZATION.data), resolve(run, MEMORIZATION.sheet)];
  if (!(await canAppend(file)))
    void report({
      kind: "warning",
      message: `${shortPath(file)} cannot be written to: what is found will only be printed.`,
    });
  const { use, close } = openResources();
  try {
    const onProgress = packingOf(report, "trained");
    const store = use(await openData({ ...config.data, signal, onProgress }));
    void report({ kind: "images", role: "trained", summary: store.summary });
    const features = options.features ?? (await measuredWith(run)) ?? BUILT_IN_FEATURES;
    const request = {
      ...{ features, threads: options.threads },
      ...{ metrics: [], optional: false },
    };
    const { network, products, cache } = use(await openEvaluationTools(request, context, signal));
    const engine = use(await openRunEngine(run, options));
    const generator = await loadGenerator(engine, run, {
      ...{ step, averaged, signal },
      onProgress: statisticsOf(context),
    });
    for (const message of generator.notes) void report({ kind: "warning", message });
    const show = (what: string, share: number): void =>
      void report({ kind: "progress", activity: "comparing", what, share });
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
    void report({ kind: "weights", step: found.step, weights: found.weights });
    const unwritten = await writeLast(report, async () => {
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
