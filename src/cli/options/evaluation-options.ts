/** From the arguments of `evaluate` and `compare` to the options of the use cases. */
import type { EvaluateOptions } from "../../app/evaluate/evaluate.ts";
import type { MemorizationOptions } from "../../app/evaluate/memorization.ts";
import type { MeasurementOptions } from "../../app/evaluate/request.ts";
import { unknownName } from "../../base/errors.ts";
import { SPLITS, type Split } from "../../data/store/store.ts";
import { type CommandOptions, type Invocation, refuseIdle } from "../command.ts";
import { readEngine } from "./engine-options.ts";

/** Read the options that both commands have. @throws UserError for numbers out of range */
export const readMeasurement = (options: CommandOptions): MeasurementOptions => ({
  metrics: options.text("metrics")?.split(","),
  protocol: options.text("protocol"),
  features: options.text("features"),
  samples: options.number("samples", { whole: true, min: 0 }),
  repeats: options.number("repeats", { whole: true, min: 1, max: 100 }),
  threads: options.number("threads", { whole: true, min: 0 }),
});

/** The part of a data set an option names. @throws UserError for an unknown one */
export function readSplit(options: CommandOptions, name: string, standard: Split): Split {
  const text = options.text(name) ?? standard;
  const found = SPLITS.find((split) => split === text);
  if (!found) throw unknownName("split", text, SPLITS);
  return found;
}

type Asked = Pick<Invocation, "args" | "options">;

/**
 * The options of `evaluate`, from its arguments.
 * @throws UserError for numbers out of range, and an unknown part of the data
 */
export const readEvaluateOptions = ({ args: [run = ""], options }: Asked): EvaluateOptions => ({
  run,
  ...readMeasurement(options),
  ...readEngine(options),
  ema: options.flag("ema"),
  step: options.number("step", { whole: true, min: 1 }),
  best: options.flag("best"),
  allCheckpoints: options.flag("all-checkpoints"),
  data: options.text("data"),
  split: options.text("split") === undefined ? undefined : readSplit(options, "split", "all"),
});

/** Whether the options ask for the nearest training images, in either spelling. */
export const asksMemorization = (options: CommandOptions): boolean =>
  options.flag("memorization") === true || options.flag("memorisation") === true;

/** Options that have no meaning where only training images are looked at. */
const OTHERS = ["metrics", "protocol", "repeats", "all-checkpoints", "data", "split"];

/** Samples that the summary says something of, at the least. */
const FEWEST = 64;

/**
 * The options of `evaluate --memorization`, from its arguments.
 * @throws UserError for numbers out of range, and options that mean nothing beside `--memorization`
 */
export function readMemorizationOptions({ args: [run = ""], options }: Asked): MemorizationOptions {
  refuseIdle(
    options,
    OTHERS,
    "with --memorization only training images are looked at",
    "Leave one of them out.",
  );
  return {
    run,
    ...readEngine(options),
    samples: options.number("samples", { whole: true, min: FEWEST }),
    features: options.text("features"),
    ema: options.flag("ema"),
    step: options.number("step", { whole: true, min: 0 }),
    best: options.flag("best"),
  };
}
