/** The use case `film`: how a training went, as a GIF of the sample grids it wrote. */
import { readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import sharp from "sharp";
import { errorCode, makeFolderOf } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { svgToPng } from "../../studies/figures/png.ts";
import { enlarge, scaleFor } from "../../training/enlarge.ts";
import { readMetrics } from "../../training/evaluation/metrics.node.ts";
import type { SampleEvent } from "../../training/events.ts";
import { readRunConfig } from "../../training/run/folder/run-folder.node.ts";
import type { Frame } from "../../training/sampling/gif.ts";
import { writeGif } from "../../training/sampling/images.node.ts";
import type { Picture } from "../../training/sampling/samples.ts";
import type { Context } from "../context.ts";

/** Frames at the most, unless told otherwise. */
const FRAMES = 60;
/** Pixels across, about. */
const WIDTH = 512;
/** Height of the line below a grid, and of its letters, in pixels. */
const CAPTION = { height: 28, letters: 16 } as const;
/** Milliseconds a frame, and the last one, which people want to look at. */
const DELAY = { frame: 150, last: 2500 } as const;
/** Of which run, and how. */
export interface FilmOptions {
  /** A run folder. */
  readonly run: string;
  /** Frames at the most; 60 unless given. */
  readonly frames?: number | undefined;
  /** Every pixel as a square of so many; about 512 pixels across unless given. */
  readonly scale?: number | undefined;
  /** A GIF; in the run's own folder unless given. */
  readonly out?: string | undefined;
  /** Grids of averaged weights: where the run has them unless given. */
  readonly ema?: boolean | undefined;
}

/** A film: the document of `sample --film --json`. */
export interface FilmResult {
  /** The run folder, and the folder of the film; both absolute. */
  readonly run: string;
  readonly folder: string;
  /** Of the grids that are shown. */
  readonly steps: readonly number[];
  readonly files: readonly [string];
}

/**
 * Make a film of the sample grids that a training wrote.
 * @throws UserError for a run without grids, and a file that is no GIF
 */
export async function film(options: FilmOptions, { report }: Context): Promise<FilmResult> {
  const { run, out, ema, scale: asked } = options;
  if (out !== undefined && extname(out).toLowerCase() !== ".gif")
    throw new UserError(`${option("out", out)}: a film is a GIF.`, "Let the name end in .gif.");
  await readRunConfig(run);

  const { lines } = await readMetrics(join(run, "metrics.jsonl"));
  const samples = lines.filter((line) => line.kind === "sample");
  const frames: Frame[] = [];
  const steps: number[] = [];
  let scale = asked ?? 1;
  for (const sample of evenly(samples, options.frames ?? FRAMES)) {
    const grid = await readGrid(run, sample, ema);
    if (!grid) continue;
    if (asked === undefined && frames.length === 0) scale = scaleFor(grid.width, WIDTH);
    frames.push({ ...(await withCaption(enlarge(grid, scale), `step ${formatCount(sample.step)}`)) });
    steps.push(sample.step);
    void report({ kind: "progress", activity: "filming", done: frames.length });
  }
  if (frames.length === 0)
    throw new UserError(
      `${run} has no sample grids to show.`,
      `Train until the first one is written (training.sampleEvery), or leave ${option("as", "film")} out.`,
    );
  frames[frames.length - 1] = { ...frames.at(-1)!, delay: DELAY.last };
  const path = resolve(out ?? join(run, "samples", "film.gif"));
  await makeFolderOf(path);
  await writeGif(path, frames, DELAY.frame);
  return { run: resolve(run), folder: dirname(path), steps, files: [path] };
}

/** At most `count` of them, evenly, the first and the last among them. */
function evenly<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!);
}

/**
 * A grid of the averaged weights where the run has them, unless told otherwise; undefined where
 * somebody has deleted it.
 */
async function readGrid(
  run: string,
  { file, averagedFile }: SampleEvent,
  averaged: boolean | undefined,
): Promise<Picture | undefined> {
  if (averaged === true && averagedFile === undefined)
    throw new UserError(`${run} has no grids of averaged weights.`, `Leave ${option("ema")} out.`);
  const path = join(run, averaged === false ? file : (averagedFile ?? file));
  try {
    const image = sharp(await readFile(path))
      .removeAlpha()
      .toColorspace("srgb")
      .raw();
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new UserError(
      `${path} is damaged: ${(error as Error).message}`,
      "Delete it: films go without it.",
      {
        cause: error,
      },
    );
  }
}

/** A picture with a line of text below it, black on white. */
async function withCaption({ width, height, pixels }: Picture, words: string): Promise<Picture> {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${CAPTION.height}"><rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="${width / 2}" y="20" font-size="${CAPTION.letters}" text-anchor="middle" font-family="DejaVu Sans">${words}</text></svg>`;
  const line = await sharp(svgToPng(svg, 1))
    .flatten({ background: "#fff" })
    .toColorspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
  const whole = new Uint8Array(pixels.length + line.length);
  whole.set(pixels);
  whole.set(line, pixels.length);
  return { width, height: height + CAPTION.height, pixels: whole };
}
