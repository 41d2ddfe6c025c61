/**
 * Where the features of a run's discriminator put real and generated images, and what it says of
 * each.
 */
import { UserError } from "../../base/errors.ts";
import { imageBytes, NO_LABEL } from "../../data/store/store.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { taskOf, viewsOf } from "../../objectives/pretext/registry.ts";
import {
  discriminatorProgram,
  PREDICTION_BATCH,
  scoresClasses,
} from "../../objectives/programs/discriminator-program.ts";

import { predictsClasses } from "../../objectives/settings.ts";
import type { Config } from "../../training/config/schema.ts";
import { refuseWithoutDiscriminator } from "../../training/import/origin.node.ts";
import { readRunConfig } from "../../training/run/folder/run-folder.node.ts";
import { type ImagePredictions, predictImages } from "../../training/sampling/predictions.ts";
import { inspectInBatches } from "../inspect-images.ts";
import { loadDiscriminator } from "./checkpoint-state.ts";
import { projectRows } from "./projection.ts";
import { type GridFiles, type ImageSet, shownImages } from "./shown-images.ts";

/** Principal components that are told of each image. */
const COMPONENTS = 16;

/** What is asked. */
export interface MapRequest {
  readonly run: string;
  /** Of the checkpoint. */
  readonly step: number;
  /** The newest grid that had been made by then. */
  readonly grid?: GridFiles | undefined;
}

/** An image on the map. */
export interface MapPoint {
  readonly of: ImageSet;
  /** Number in its grid. */
  readonly image: number;
  /** The first two of its components. */
  readonly x: number;
  readonly y: number;
  /**
   * Its features along the directions in which those of all images differ most, the most telling
   * first: nearly all that they differ in.
   */
  readonly components: readonly number[];
  /**
   * Logit of the real/fake head; absent where the discriminator would have to be told the class.
   */
  readonly score?: number;
  /** In how many of the task's views it is told right; absent without a task that answers. */
  readonly right?: number;
}

/** Images placed by the discriminator's features at one checkpoint. */
export interface FeatureMap {
  readonly step: number;
  /** Step of the grid of generated images; undefined where there is none. */
  readonly grid?: number;
  /** Files of the grids, below the run folder. */
  readonly grids: Readonly<Partial<Record<ImageSet, string>>>;
  readonly points: readonly MapPoint[];
  /** Shares of the map's two axes in all that the features differ in. */
  readonly shares: readonly [x: number, y: number];
  /**
   * Views an image is shown in, and the share of all that were told right, for each kind of images.
   */
  readonly views: number;
  readonly accuracy: Readonly<Partial<Record<ImageSet, number>>>;
}

/**
 * Draw the map of a checkpoint, with the images of the run's own grids.
 * @throws UserError when the run, the checkpoint or a picture cannot be read, or the run has no
 * discriminator of its own
 */
export async function featureMap(engine: Engine, request: MapRequest): Promise<FeatureMap> {
  const { run, step, grid } = request;
  await refuseWithoutDiscriminator(run);
  const config = await readRunConfig(run);
  const views = viewsOf(taskOf(config.objective)?.description).length;
  const { images, files } = await shownImages(run, config, grid, views);
  const sets = Object.entries(images) as [ImageSet, Uint8Array][];
  if (sets.length === 0)
    throw new UserError(
      `${run} has no grids of images of step ${step} or before.`,
      "Train it further: a grid of samples is made every training.sampleEvery steps.",
    );
  const discriminator = discriminatorProgram(config, engine.target, {
    score: false,
    task: false,
    features: 1,
  });
  const seen = await engine.compile(discriminator.program);
  const predictor =
    scoresClasses(config) && !predictsClasses(config)
      ? undefined
      : await engine.compile(
          discriminatorProgram(config, engine.target, { views: "all", batch: PREDICTION_BATCH }).program,
        );
  await loadDiscriminator(engine, { run, step, layout: discriminator.layout });

  const rows: number[] = [];
  const points: Omit<MapPoint, "x" | "y" | "components">[] = [];
  const accuracy: Partial<Record<ImageSet, number>> = {};
  for (const [of, pixels] of sets) {
    rows.push(...(await pooledFeatures(seen, pixels, config.data.resolution)));
    const count = pixels.length / imageBytes(config.data.resolution);
    const unknown = predictsClasses(config) ? new Uint16Array(count).fill(NO_LABEL) : undefined;
    const predicted = predictor && (await predictImages(predictor, pixels, unknown));
    const right = predicted && toldRight(predicted, config, count);
    for (let image = 0; image < count; image++)
      points.push({
        ...{ of, image },
        ...(predicted && { score: predicted.score[image * views]! }),
        ...(right && { right: right[image]! }),
      });
    if (right && count > 0) accuracy[of] = right.reduce((a, b) => a + b, 0) / (count * views);
  }
  const { along, shares } = projectRows(Float32Array.from(rows), rows.length / points.length, COMPONENTS);
  const short = (value: number): number => Number(value.toPrecision(4));
  return {
    ...{ step, views, accuracy, grids: files },
    shares: [shares[0]!, shares[1]!],
    ...(grid && { grid: grid.step }),
    points: points.map((point, i) => {
      const components = along.map((all) => short(all[i]!));
      return { ...point, x: components[0]!, y: components[1]!, components };
    }),
  };
}

/** What the heads read of each image, [N, F]. @param pixels uint8 [N, S, S, 3] */
async function pooledFeatures(seen: Executable, pixels: Uint8Array, size: number): Promise<number[]> {
  const bytes = imageBytes(size);
  const count = pixels.length / bytes;
  const source = {
    ...{ count, size },
    read: (index: number, out: Uint8Array, offset: number) =>
      out.set(pixels.subarray(index * bytes, (index + 1) * bytes), offset),
  };
  const all: number[] = [];
  const order = Array.from({ length: count }, (_, i) => i);
  for await (const { count: taken, results } of inspectInBatches(seen, source, order)) {
    const pooled = results.pooled as Float32Array;
    const columns = pooled.length / seen.program.results.find(({ name }) => name === "pooled")!.shape[0]!;
    all.push(...pooled.subarray(0, taken * columns));
  }
  return all;
}

/**
 * In how many views each of `count` images is told right; undefined without a task that answers.
 */
function toldRight(predicted: ImagePredictions, config: Config, count: number): number[] | undefined {
  const task = taskOf(config.objective)?.description;
  const answers = task && predicted[task.key];
  if (!task || !answers) return undefined;
  const classes = answers.length / predicted.score.length;
  return Array.from({ length: count }, (_, image) => {
    const told = task.views.map(({ label }, view) => {
      const from = (image * task.views.length + view) * classes;
      const guess = answers.slice(from, from + classes);
      return guess.indexOf(Math.max(...guess)) === label;
    });
    return told.filter(Boolean).length;
  });
}
