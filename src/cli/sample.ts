/** The work of `sample`: latents from a seed, through the generator, into pictures. */
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { enlarge } from "../training/enlarge.ts";
import { explainWriteError } from "../training/files.node.ts";
import { writeGif, writePng } from "../training/images.node.ts";
import { closedWalk } from "../training/interpolation.ts";
import { sampleLatents } from "../training/latents.ts";
import { generate, imageGrid, type Picture } from "../training/samples.ts";
import { evaluationDistribution } from "../training/settings.ts";
import { chosenStep } from "./chosen-step.ts";
import type { Invocation } from "./command.ts";
import { filmFrom } from "./film.ts";
import { type LoadedGenerator, loadGenerator, openRunEngine } from "./load-generator.ts";
import { statisticsReport } from "./prepare.ts";
import { shortPath } from "./run-folder.ts";
import { describeClasses, sampleLabels } from "./sample-classes.ts";
import {
  pictureScale,
  readSampleRequest,
  refuseIdleTruncation,
  type SampleRequest,
  samplePath,
} from "./sample-options.ts";
import { formatBytes, formatCount } from "./status.ts";

/** Images made at a time when each becomes a file, so that memory does not grow with their number. */
const CHUNK = 256;
/** Points of a walk where it changes direction. */
const ANCHORS = 4;
/** Bytes of all images of a walk; encoding takes some times as much. */
const LARGEST_WALK = 500_000_000;
/** Columns of a grid with a row for each class. */
const CLASS_COLUMNS = 8;
/** Milliseconds a frame. */
const FRAME_DELAY = 80;

/** Make what the command line asks for. @throws UserError for everything a user can put right */
export async function sampleFrom({ args: [run = ""], options, output }: Invocation): Promise<void> {
  if (options.flag("film") === true) return filmFrom(run, options, output);
  const request = readSampleRequest(options);
  const engine = await openRunEngine(run, options);
  try {
    const { averaged } = request;
    const step = await chosenStep(run, options, output, { step: request.step, averaged });
    const generator = await loadGenerator(engine, run, {
      ...{ step, averaged },
      onProgress: statisticsReport(output),
    });
    for (const note of generator.notes) output.warning(note);
    refuseIdleTruncation(request, evaluationDistribution(generator.config));
    const path = resolve(samplePath(request, run, generator.step, generator.averaged));
    await makeFolder(request.kind === "files" ? path : dirname(path));
    const files = await MAKERS[request.kind](generator, request, path, (done) =>
      output.status(`${formatCount(done)} images made`),
    );
    const weights = generator.averaged ? "averaged" : "latest";
    const classes = describeClasses(generator, request);
    const shown = [
      shortPath(files[0]!),
      ...(files.length > 1 ? [`and ${formatCount(files.length - 1)} more`] : []),
    ].join(" ");
    output.result(
      `${shown} (step ${formatCount(generator.step)}, ${weights} weights, seed ${request.seed}${classes && `, ${classes}`})`,
      {
        run: resolve(run),
        step: generator.step,
        weights,
        seed: request.seed,
        truncation: request.truncation ?? null,
        class: request.className ?? null,
        files,
      },
    );
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

const MAKERS: Readonly<Record<SampleRequest["kind"], Maker>> = {
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
        `Ask for fewer --frames or a smaller --count: ${formatBytes(LARGEST_WALK)} are the most.`,
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
      await makeFolder(folder);
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

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw await explainWriteError(error, path, 0);
  }
}
