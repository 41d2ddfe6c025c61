/** `train` as a function. */
import { type TrainOutcome, trainAs } from "../cli/train.ts";
import { readTrainRequest } from "../cli/train-config.ts";
import type { TrainEvent } from "../training/events.ts";
import * as kind from "./check.ts";
import { givenOptions } from "./options.ts";
import { type Listeners, quietOutput } from "./output.ts";

/** What to train. Everything may be left out: then it is the built-in images and the default preset. */
export interface TrainCall extends Listeners {
  /** Images: a folder, an archive, `cifar10:PATH`, … (docs/data.md). */
  readonly data?: string;
  /** A named configuration (`presets.names()`). */
  readonly preset?: string;
  /** Single values of the configuration by path, for example `{ "generator.width": 32 }` (docs/configuration.md). */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly steps?: number;
  /** Instead of steps: how long the run may take, for example `30m`; size, width and steps are found by measuring. */
  readonly time?: string;
  /** Side of the images in pixels; `auto` needs a time. */
  readonly resolution?: number | "auto";
  /** Channels of both networks; `auto` needs a time. */
  readonly width?: number | "auto";
  readonly seed?: number;
  /** The run folder; below `runs/` unless given. A run that is there goes on. */
  readonly run?: string;
  /** Another run whose weights this one begins with. */
  readonly init?: string;
  /** Begin beside a run that is there: afresh, or from its newest checkpoint. */
  readonly mode?: "new" | "fork";
  /** With `mode: "fork"`: the step to go on from. */
  readonly from?: number;
  readonly device?: string;
  readonly threads?: number;
  /** Whether files for TensorBoard are written into the run folder; they are unless this is false. */
  readonly tfevents?: boolean;
  /** Aborting finishes the step under way, saves, and ends with `interrupted`. */
  readonly signal?: AbortSignal;
  /** Told of every step, sample grid, measurement and checkpoint, in order; awaited. */
  readonly onEvent?: (event: TrainEvent) => void | Promise<void>;
}

const KINDS: kind.Kinds<TrainCall> = {
  data: kind.text,
  preset: kind.text,
  set: kind.values,
  steps: kind.whole(1),
  time: kind.text,
  resolution: kind.sideOrAuto,
  width: kind.sideOrAuto,
  init: kind.text,
  seed: kind.whole(0),
  run: kind.text,
  mode: kind.oneOf("new", "fork"),
  from: kind.whole(1),
  device: kind.text,
  threads: kind.whole(0),
  tfevents: kind.truth,
  signal: kind.abortSignal,
  onEvent: kind.callback,
  onLine: kind.callback,
  onWarning: kind.callback,
};

/**
 * Train a GAN, or go on training one, as `quarterturn train` does: the same run folders, checkpoints and record.
 * @throws UserError for what the caller can put right: an unknown option, no images,
 * contradictory values, a run with another configuration
 * @example
 * const { run } = await train({ data: "pictures", steps: 1000, onEvent: (event) => console.log(event) });
 */
export async function train(call: TrainCall = {}): Promise<TrainOutcome> {
  kind.checkCall<TrainCall>("train", call, KINDS);
  const { data, set = {}, mode, signal, onEvent, onLine, onWarning, tfevents = true, ...rest } = call;
  const sets = Object.entries(set).map(
    ([path, value]) => `${path}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const options = givenOptions({ ...rest, set: sets, ...(mode !== undefined && { [mode]: true }) });
  const request = await readTrainRequest({ args: data === undefined ? [] : [data], options });
  const output = quietOutput({ onLine, onWarning });
  return trainAs(request, {
    output,
    onEvent,
    signal: signal ?? new AbortController().signal,
    serves: false,
    tfevents,
  });
}
