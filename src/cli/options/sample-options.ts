/** From the arguments of `sample` to the options of its use cases. */
import type { FilmOptions } from "../../app/sample/film.ts";
import type { SampleOptions } from "../../app/sample/options.ts";
import { UserError } from "../../base/errors.ts";
import { type Invocation, refuseIdle } from "../command.ts";
import { readEngine } from "./engine-options.ts";

type Asked = Pick<Invocation, "args" | "options">;

/**
 * The options of `sample`, from its arguments.
 * @throws UserError for options that are out of range or contradict each other
 */
export function readSampleOptions({ args: [run = ""], options }: Asked): SampleOptions {
  const walk = options.flag("interpolate") === true;
  const files = options.flag("files") === true;
  if (!walk && options.text("frames") !== undefined)
    throw new UserError(
      "--frames is given without --interpolate.",
      "Add --interpolate, or use --count for the number of images.",
    );
  return {
    run,
    as: walk ? "walk" : files ? "files" : "grid",
    frameFiles: walk && files,
    count: options.number("count", { whole: true, min: 1, max: files && !walk ? 1_000_000 : 1024 }),
    class: options.text("class"),
    frames: options.number("frames", { whole: true, min: 4, max: 1000 }),
    seed: options.number("seed", { whole: true, min: 0 }),
    truncation: options.number("truncation", { min: 0.05, max: 10 }),
    ema: options.flag("ema"),
    step: options.number("step", { whole: true, min: 1 }),
    best: options.flag("best"),
    scale: options.number("scale", { whole: true, min: 1, max: 64 }),
    out: options.text("out"),
    ...readEngine(options),
  };
}

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

/**
 * The options of `sample --film`, from its arguments.
 * @throws UserError for options that are out of range, or that mean nothing for a film
 */
export function readFilmOptions({ args: [run = ""], options }: Asked): FilmOptions {
  const why = "--film shows the grids that training wrote";
  refuseIdle(options, IDLE, why, "Leave --name out, or --film.");
  return {
    run,
    frames: options.number("frames", { whole: true, min: 2, max: 1000 }),
    scale: options.number("scale", { whole: true, min: 1, max: 16 }),
    out: options.text("out"),
    ema: options.flag("ema"),
  };
}
