/** The use case `sample`: latents from a seed, through the generator, into pictures. */
import { dirname, join, resolve } from "node:path";
import { explainWriteError } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { formatBytes, formatCount } from "../../base/text/format/index.ts";
import { enlarge } from "../../training/enlarge.ts";
import { writeGif, writePng } from "../../training/sampling/images.node.ts";
import { closedWalk } from "../../training/sampling/interpolation.ts";
import { sampleLatents } from "../../training/sampling/latents.ts";
import { generate, imageGrid, type Picture } from "../../training/sampling/samples.ts";
import { evaluationDistribution } from "../../training/settings.ts";
import type { Context } from "../context.ts";
import { chosenStep } from "../support/chosen-step.ts";
import {
  type LoadedGenerator,
  loadGenerator,
  openRunEngine,
  statisticsOf,
} from "../support/load-generator.ts";
import { describeClasses, sampleLabels } from "./classes.ts";
import { type SampleKind, type SampleOptions, type SampleRequest, sampleRequest } from "./options.ts";
import { pictureScale, refuseIdleTruncation, samplePath } from "./picture-file.ts";

/**
 * Images made at a time when each becomes a file, so that memory does not grow with their number.
 */
const CHUNK = 256;
/** Points of a walk where it changes direction. */
const ANCHORS = 4;
/** Bytes of all images of a walk; encoding takes some times as much. */
const LARGEST_WALK = 500_000_000;
/** Columns of a grid with a row for each class. */
const CLASS_COLUMNS = 8;
/** Milliseconds a frame. */
const FRAME_DELAY = 80;

/** What was made: the document of `sample --json`. */
export interface SampleResult {
  /** The run folder, absolute. */
  readonly run: string;
  /** Steps the generator was trained for. */
  readonly step: number;
  readonly weights: "averaged" | "latest";
  readonly seed: number;
  readonly truncation: number | null;
  /** As asked for. */
  readonly class: string | null;
  /** Absolute. */
  readonly files: readonly string[];
}

/** The same, and what its classes are in a few words; empty for a generator without classes. */
export interface Sampled {
  readonly result: SampleResult;
  readonly classes: string;
}

/**
 * Make images with a trained generator, and write them.
 * @throws UserError for everything a user can put right
 */
export async function sample(options: SampleOptions, context: Context): Promise<Sampled> {
  const request = sampleRequest(options);
  const { run, ema } = request;
  const { report, signal } = context;
  const engine = await openRunEngine(run, options);
  try {
    const step = await chosenStep(run, { step: request.step, best: request.best, averaged: ema }, context);
    const onProgress = statisticsOf(context);
    const generator = await loadGenerator(engine, run, { step, averaged: ema, onProgress, signal });
    for (const message of generator.notes) void report({ kind: "warning", message });
    refuseIdleTruncation(request, evaluationDistribution(generator.config));
    const path = resolve(samplePath(request, run, generator.step, generator.averaged));
    await makeImageFolder(request.as === "files" ? path : dirname(path));
    const files = await MAKERS[request.as](generator, request, path, (done) => {
      void report({ kind: "progress", activity: "generating", done });
      signal.throwIfAborted();
    });
    return {
      classes: describeClasses(generator, request),
      result: {
        run: resolve(run),
        step: generator.step,
        weights: generator.averaged ? "averaged" : "latest",
        seed: request.seed,
        truncation: request.truncation ?? null,
        class: request.class ?? null,
        files,
      },
    };
  } finally {
    await engine.close();
  }
}

/** Makes and writes one kind of result. @returns the files written */
type Maker = (
  generator: LoadedGenerator,
  request: SampleRequest,
  path: string,
  onProgress: (done: number) => void,
) => Promise<string[]>;

const MAKERS: Readonly<Record<SampleKind, Maker>> = {
  async grid(generator, request, path) {
    const { latents, labels, side, count } = prepare(generator, request);
    const images = await generate(generator.sampler, latents, generator.alias, labels);
    const columns = labels && request.byClass ? CLASS_COLUMNS : Math.ceil(Math.sqrt(count));
    const grid = imageGrid(images, side, columns);
    await writePng(path, enlarge(grid, pictureScale("grid", grid, request.scale)));
    return [path];
  },

  async files(generator, request, path, onProgress) {
    const { latents, labels, side, size } = prepare(generator, request);
    const files: string[] = [];
    for (let first = 0; first < request.count; first += CHUNK) {
      const images = await generate(
        generator.sampler,
        latents.subarray(first * size, (first + CHUNK) * size),
        generator.alias,
        labels?.subarray(first, first + CHUNK),
      );
      for (const [i, picture] of singles(images, side).entries()) {
        const file = join(path, `seed${request.seed}-${String(first + i).padStart(6, "0")}.png`);
        await writePng(file, enlarge(picture, request.scale ?? 1));
        files.push(file);
      }
      onProgress(files.length);
    }
    return files;
  },

  async walk(generator, request, path, onProgress) {
    const { latents, labels, side, size, distribution } = prepare(generator, request, ANCHORS);
    const perLeg = Math.ceil(request.frames / ANCHORS);
    const length = perLeg * ANCHORS;
    const pixels = side * side * 3;
    const bytes = request.count * length * pixels;
    if (bytes > LARGEST_WALK)
      throw new UserError(
        `A walk of ${formatCount(length)} frames with ${formatCount(request.count)} images of ${side}×${side} takes ${formatBytes(bytes)}.`,
        `Ask for fewer ${option("frames")} or a smaller ${option("count")}: ${formatBytes(LARGEST_WALK)} are the most.`,
      );
    // [image, frame, …] as the walks are made; a frame shows all images at one moment.
    const moving = new Uint8Array(request.count * length * pixels);
    for (let i = 0; i < request.count; i++) {
      const anchors = latents.subarray(i * ANCHORS * size, (i + 1) * ANCHORS * size);
      const walk = closedWalk(anchors, size, perLeg, distribution);
      const ofOneClass = labels && new BigInt64Array(length).fill(labels[i]!);
      moving.set(await generate(generator.sampler, walk, generator.alias, ofOneClass), i * length * pixels);
      onProgress((i + 1) * length);
    }
    const frames = Array.from({ length }, (_, frame): Picture => {
      const images = new Uint8Array(request.count * pixels);
      for (let i = 0; i < request.count; i++) {
        const from = (i * length + frame) * pixels;
        images.set(moving.subarray(from, from + pixels), i * pixels);
      }
      return imageGrid(images, side, Math.ceil(Math.sqrt(request.count)));
    });
    const files: string[] = [];
    if (request.frameFiles) {
      const folder = path.replace(/\.gif$/i, "");
      await makeImageFolder(folder);
      for (const [i, frame] of frames.entries()) {
        files.push(join(folder, `${String(i).padStart(4, "0")}.png`));
        await writePng(files.at(-1)!, enlarge(frame, request.scale ?? 1));
      }
    }
    await writeGif(path, frames, FRAME_DELAY, pictureScale("walk", frames[0]!, request.scale));
    return [path, ...files];
  },
};

/** Latents (`latentsEach` an image) and classes of the images asked for. */
function prepare(generator: LoadedGenerator, request: SampleRequest, latentsEach = 1) {
  const { config } = generator;
  const size = config.generator.latentSize;
  const distribution = evaluationDistribution(config);
  const labels = sampleLabels(generator, request);
  const count = labels?.length ?? request.count;
  const latents = sampleLatents(request.seed, count * latentsEach, size, distribution, request.truncation);
  return { latents, labels, count, size, distribution, side: config.data.resolution };
}

function singles(images: Uint8Array, side: number): Picture[] {
  const pixels = side * side * 3;
  return Array.from({ length: images.length / pixels }, (_, i) => ({
    width: side,
    height: side,
    pixels: images.subarray(i * pixels, (i + 1) * pixels),
  }));
}

async function makeImageFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (error) {
    throw await explainWriteError(error, path, 0);
  }
}
