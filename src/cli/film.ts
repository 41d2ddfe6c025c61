/** `sample --film`: how a training went, as a GIF of the sample grids it wrote. */
import { readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import sharp from "sharp";
import { UserError } from "../base/errors.ts";
import { svgToPng } from "../studies/figures/png.ts";
import { enlarge, scaleFor } from "../training/enlarge.ts";
import type { SampleEvent } from "../training/events.ts";
import { errorCode, makeFolderOf } from "../training/files.node.ts";
import type { Frame } from "../training/gif.ts";
import { writeGif } from "../training/images.node.ts";
import { readMetrics } from "../training/metrics.node.ts";
import { readRunConfig } from "../training/run-folder.node.ts";
import type { Picture } from "../training/samples.ts";
import { type CommandOptions, refuseIdle } from "./command.ts";
import type { Output } from "./output.ts";
import { shortPath } from "./run-folder.ts";
import { formatCount } from "./status.ts";

/** Frames at the most, unless told otherwise. */
const FRAMES = 60;
/** Pixels across, about. */
const WIDTH = 512;
/** Height of the line below a grid, and of its letters, in pixels. */
const CAPTION = { height: 28, letters: 16 } as const;
/** Milliseconds a frame, and the last one, which people want to look at. */
const DELAY = { frame: 150, last: 2500 } as const;
/** Options that make images, of which a film makes none. */
const IDLE = [
  "interpolate",
  "files",
  "count",
  "class",
  "seed",
  "truncation",
  "step",
  "best",
  "device",
  "threads",
];

/** Make the film of a run. @throws UserError for a run without grids, and options that contradict it */
export async function filmFrom(run: string, options: CommandOptions, output: Output): Promise<void> {
  const why = "--film shows the grids that training wrote";
  refuseIdle(options, IDLE, why, "Leave --name out, or --film.");
  const most = options.number("frames", { whole: true, min: 2, max: 1000 }) ?? FRAMES;
  const asked = options.number("scale", { whole: true, min: 1, max: 16 });
  const out = options.text("out");
  if (out !== undefined && extname(out).toLowerCase() !== ".gif")
    throw new UserError(`--out ${out}: a film is a GIF.`, "Let the name end in .gif.");
  const averaged = options.flag("ema");
  await readRunConfig(run);

  const { lines } = await readMetrics(join(run, "metrics.jsonl"));
  const samples = lines.filter((line) => line.kind === "sample");
  const frames: Frame[] = [];
  const steps: number[] = [];
  let scale = asked ?? 1;
  for (const sample of evenly(samples, most)) {
    const grid = await readGrid(run, sample, averaged);
    if (!grid) continue;
    if (asked === undefined && frames.length === 0) scale = scaleFor(grid.width, WIDTH);
    frames.push({ ...(await withCaption(enlarge(grid, scale), `step ${formatCount(sample.step)}`)) });
    steps.push(sample.step);
    output.status(`${formatCount(frames.length)} frames`);
  }
  if (frames.length === 0)
    throw new UserError(
      `${run} has no sample grids to show.`,
      "Train until the first one is written (training.sampleEvery), or leave --film out.",
    );
  frames[frames.length - 1] = { ...frames.at(-1)!, delay: DELAY.last };
  const path = resolve(out ?? join(run, "samples", "film.gif"));
  await makeFolderOf(path);
  await writeGif(path, frames, DELAY.frame);
  output.result(
    `${shortPath(path)} (${formatCount(frames.length)} grids, step ${formatCount(steps[0]!)} to ${formatCount(steps.at(-1)!)})`,
    { run: resolve(run), folder: dirname(path), steps, files: [path] },
  );
}

/** At most `count` of them, evenly, the first and the last among them. */
function evenly<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!);
}

/** A grid of the averaged weights where the run has them, unless told otherwise; undefined where somebody has deleted it. */
async function readGrid(
  run: string,
  { file, averagedFile }: SampleEvent,
  averaged: boolean | undefined,
): Promise<Picture | undefined> {
  if (averaged === true && averagedFile === undefined)
    throw new UserError(`${run} has no grids of averaged weights.`, "Leave --ema out.");
  const path = join(run, averaged === false ? file : (averagedFile ?? file));
  try {
    const image = sharp(await readFile(path))
      .removeAlpha()
      .toColourspace("srgb")
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
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
  const whole = new Uint8Array(pixels.length + line.length);
  whole.set(pixels);
  whole.set(line, pixels.length);
  return { width, height: height + CAPTION.height, pixels: whole };
}
