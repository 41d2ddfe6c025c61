/**
 * Which changes of the configuration a run may be continued with. Anything that changes what is
 * computed is refused; what only says how long, how often or on what is allowed, where needed with
 * a note.
 */

import { own } from "../../../base/own.ts";
import { describePath } from "../../config/describe.ts";

/** One value that differs, for example of `optimizer.learningRate`. */
export interface ConfigChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Every leaf in which two plain nested objects differ, in the order of the first, then what only
 * the second has.
 */
export function diffConfigs(before: unknown, after: unknown, path = ""): ConfigChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      diffConfigs(own(before, key), own(after, key), path ? `${path}.${key}` : key),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Values that may change, and what to say about it (null: nothing). */
const FREE: Readonly<Record<string, string | null>> = {
  "training.steps": null,
  "training.checkpointEvery": null,
  "training.keepCheckpoints": null,
  "training.sampleEvery": null,
  "training.rescue": null,
  "training.evaluateEvery": null,
  "training.evaluateSamples": null,
  "training.evaluateProtocol": null,
  "training.evaluateFeatures": null,
  "training.keepBest": null,
  "training.probeEvery": null,
  "training.probeData": null,
  "engine.device": "sums are rounded differently there",
  "engine.precision": "feature maps are rounded differently",
  "engine.threads": "sums are rounded differently with another number of threads",
};

/**
 * Where the images lie. It may change if they are the same images, which only their content hash
 * can say.
 */
const PLACE = "data.source";

/** Changes sorted into those that forbid continuing, and what to say about the others. */
export interface ConfigComparison {
  readonly refused: readonly ConfigChange[];
  /** The images lie elsewhere: continuing is allowed if they are the same. */
  readonly moved?: ConfigChange | undefined;
  readonly notes: readonly string[];
}

/** A run begun before a value existed did what the value's default says. */
const isNewDefault = ({ path, before, after }: ConfigChange): boolean =>
  before === undefined && JSON.stringify(describePath(path)?.default) === JSON.stringify(after);

/** May a run made with `before` be continued with `after`? */
export function compareConfigs(before: object, after: object): ConfigComparison {
  const notes: string[] = [];
  const refused: ConfigChange[] = [];
  let moved: ConfigChange | undefined;
  for (const change of diffConfigs(before, after)) {
    if (isNewDefault(change)) continue;
    const note = own(FREE, change.path);
    if (change.path === PLACE) moved = change;
    else if (note === undefined) refused.push(change);
    else if (note !== null)
      notes.push(
        `${describeChange(change)}: ${note}, so the run is no longer bit-equal to an undisturbed one`,
      );
    else if (change.path === "training.steps" && decays(after))
      notes.push(
        `${describeChange(change)}: learning rate, alpha or beta now change toward the new last step`,
      );
  }
  return { refused, moved, notes };
}

/** Does a schedule depend on the length of the run? */
function decays(config: object): boolean {
  const { optimizer, objective, training } = config as {
    optimizer?: { decay?: unknown; beta2End?: unknown };
    objective?: { alphaEnd?: unknown; betaEnd?: unknown; lambdaEnd?: unknown };
    training?: { emaHalfLife?: unknown };
  };
  const ends = [
    ...[objective?.alphaEnd, objective?.betaEnd, objective?.lambdaEnd],
    ...[optimizer?.beta2End, training?.emaHalfLife],
  ];
  return (
    optimizer?.decay === "linear" ||
    optimizer?.decay === "cosine" ||
    ends.some((end) => end !== null && end !== undefined)
  );
}

/** `optimizer.learningRate: 0.0002 → 0.0001` */
export function describeChange({ path, before, after }: ConfigChange): string {
  const show = (value: unknown): string => (value === undefined ? "(not set)" : JSON.stringify(value));
  return `${path}: ${show(before)} → ${show(after)}`;
}

/**
 * Values of the first schema. Those that came later are left out of the hash while they are at
 * their default, so that it stays.
 */
const FIRST: Readonly<Record<string, readonly string[]>> = {
  data: ["source", "resolution", "split", "preprocessing"],
  generator: ["architecture", "width", "norm", "spectralNorm", "latentSize", "latentDistribution"],
  discriminator: ["architecture", "width", "norm", "spectralNorm", "conditioning"],
  objective: ["loss", "selfSupervision", "alpha", "beta", "rotatedBatch", "penalty", "lambda"],
  optimizer: ["learningRate", "beta1", "beta2", "decay"],
  training: ["batchSize", "discIters", "seed", "ema", "emaStart"],
};

function isLaterDefault(path: string, value: unknown): boolean {
  const [section = "", key = ""] = path.split(".");
  const row = describePath(path);
  return (
    row !== undefined &&
    !own(FIRST, section)?.includes(key) &&
    JSON.stringify(row.default) === JSON.stringify(value)
  );
}

/**
 * The configuration as text without what may change, the same for any order of keys: what a
 * checkpoint's hash is taken of.
 */
export function essentials(config: object): string {
  const leaves = (value: unknown, path: string): [string, unknown][] =>
    isRecord(value)
      ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key))
      : [[path, value]];
  const kept = leaves(config, "").filter(
    ([path, value]) => !Object.hasOwn(FREE, path) && !isLaterDefault(path, value),
  );
  return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}
