/** What there is of the runs of an experiment, and numbers over the seeds. */
import { meanAndStdDev } from "../../base/math/statistics.ts";
import type { EvaluationEvent, ProbeEvent } from "../../training/events.ts";
import type { Series } from "../figures/line-chart.ts";
import type { Standstill } from "./standstill.ts";

/** A run as far as it has got. */
export interface RunRecord {
  readonly id: string;
  readonly dir: string;
  readonly label: string;
  readonly seed: number;
  /** How the pool left it: `done`, `failed`, … */
  readonly state: string;
  /** Why it failed. */
  readonly message?: string | undefined;
  /** Steps of its newest checkpoint, and those asked for. */
  readonly step: number;
  readonly steps: number;
  /** Measurements up to the steps asked for. */
  readonly evaluations: readonly EvaluationEvent[];
  readonly probes: readonly ProbeEvent[];
  /** Median over the last steps; NaN before the first. */
  readonly stepSeconds: number;
  /**
   * Share of real images of which the pretext task is told right, the mean of the last steps;
   * undefined without a task.
   */
  readonly taskAccuracy?: number | undefined;
  /**
   * Whether its discriminator still tells anything; undefined without steps or with another loss
   * than the hinge.
   */
  readonly standstill?: Standstill | undefined;
  /** The most memory that a training of it held at once; undefined where no end was recorded. */
  readonly peakMemoryBytes?: number | undefined;
}

/** A number of a run and the step it was measured after. */
export type Picked = { readonly value: number; readonly step: number } | undefined;

/** A number of several runs that differ in the seed. */
export interface Reproduced {
  /** One a seed. */
  readonly values: readonly number[];
  readonly seeds: readonly number[];
  readonly mean: number;
  /** Sample standard deviation; null for one seed. */
  readonly deviation: number | null;
  /** Steps after which all of them were measured. */
  readonly step: number;
}

/**
 * A number over the runs of a model; undefined where none has it. Runs that have not come as far as
 * the furthest are left out: a mean over runs of different lengths would be a number of nothing.
 * @param pick the number and the step it was measured after
 */
export function overSeeds(
  runs: readonly RunRecord[],
  label: string,
  pick: (run: RunRecord) => Picked,
): Reproduced | undefined {
  const found = runs
    .filter((run) => run.label === label)
    .flatMap((run) => {
      const picked = pick(run);
      return picked ? [{ seed: run.seed, ...picked }] : [];
    });
  if (found.length === 0) return undefined;
  const furthest = Math.max(...found.map(({ step }) => step));
  const whole = found.filter(({ step }) => step === furthest);
  const values = whole.map(({ value }) => value);
  const { mean, sd } = meanAndStdDev(values);
  return {
    values,
    seeds: whole.map(({ seed }) => seed),
    mean,
    deviation: values.length > 1 ? sd : null,
    step: furthest,
  };
}

/** The latest FID of a run. */
export function lastFid({ evaluations }: RunRecord): Picked {
  const last = evaluations.at(-1);
  const value = last?.metrics.fid?.mean;
  return last && value !== undefined ? { value, step: last.step } : undefined;
}

/** Its logarithm: ratios of FIDs have the same meaning everywhere on the scale. */
export function lastLogFid(run: RunRecord): Picked {
  const last = lastFid(run);
  return last && { ...last, value: Math.log(last.value) };
}

/** The latest KID of a run. */
export function lastKid({ evaluations }: RunRecord): Picked {
  const last = evaluations.at(-1);
  const value = last?.metrics.kid?.mean;
  return last && value !== undefined ? { value, step: last.step } : undefined;
}

/** The best block's accuracy in the latest linear probe of a run. */
export function lastProbe({ probes }: RunRecord): Picked {
  const last = probes.at(-1);
  const value = last?.accuracies[last.best];
  return last && value !== undefined ? { value, step: last.step } : undefined;
}

/** A number of a run as a whole. */
const ofRun = ({ step, steps }: RunRecord, value: number | undefined): Picked =>
  value === undefined || Number.isNaN(value) ? undefined : { value, step: Math.min(step, steps) };

/** How often the discriminator was right in its pretext task. */
export const taskAccuracy = (run: RunRecord): Picked => ofRun(run, run.taskAccuracy);
/** Generator steps a second, measurements not counted. */
export const stepsASecond = (run: RunRecord): Picked => ofRun(run, 1 / run.stepSeconds);
/** In megabytes, 10⁶ bytes. */
export const peakMemory = (run: RunRecord): Picked =>
  ofRun(run, run.peakMemoryBytes === undefined ? undefined : run.peakMemoryBytes / 1e6);

/** Every FID of a run, with its step. */
export const fidCurve = ({ evaluations }: RunRecord): [number, number][] =>
  evaluations.flatMap(({ step, metrics }): [number, number][] =>
    metrics.fid ? [[step, metrics.fid.mean]] : [],
  );

/** The mean of a model's curves, and where it has several runs each of them. */
export function curvesOf(
  runs: readonly RunRecord[],
  name: string,
  points: (run: RunRecord) => readonly (readonly [step: number, value: number])[],
): Series[] {
  const own = runs.filter((run) => run.label === name && points(run).length > 0);
  const singles = own.length > 1 ? own.map((run) => ({ name, points: points(run), single: true })) : [];
  return [{ name, points: meanCurve(runs, name, points) }, ...singles];
}

/** Means over the seeds of a model at every step that all of its runs have a value for. */
export function meanCurve(
  runs: readonly RunRecord[],
  label: string,
  points: (run: RunRecord) => readonly (readonly [step: number, value: number])[],
): [number, number][] {
  const curves = runs.filter((run) => run.label === label).map((run) => new Map(points(run)));
  const begun = curves.filter((curve) => curve.size > 0);
  const [first] = begun;
  if (!first) return [];
  return [...first.keys()]
    .filter((step) => begun.every((curve) => curve.has(step)))
    .map((step) => [step, meanAndStdDev(begun.map((curve) => curve.get(step)!)).mean]);
}
