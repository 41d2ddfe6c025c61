/** What there is of the runs of an experiment, read from their folders. */
import { join } from "node:path";
import type { SweepPoint } from "../../sweep/plan.ts";
import { listCheckpoints } from "../../training/checkpoint.node.ts";
import type { EvaluationEvent, ProbeEvent, StepEvent } from "../../training/events.ts";
import { readMetrics } from "../../training/metrics.node.ts";
import { checkpointsIn } from "../../training/run-folder.node.ts";
import { meanAndDeviation } from "../probe/probe.ts";

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
}

/** Steps the speed is taken from. */
const RECENT = 200;

/** Read a run. One that was not begun has nothing. */
export async function readRun(point: SweepPoint, state: string, message?: string): Promise<RunRecord> {
  const steps = point.config.training.steps;
  const [step = 0] = await listCheckpoints(checkpointsIn(point.dir));
  const { lines } = await readMetrics(join(point.dir, "metrics.jsonl"));
  const wanted = lines.filter((line) => line.step <= steps);
  return {
    id: point.id,
    dir: point.dir,
    label: point.label,
    seed: point.seed,
    state,
    message,
    step,
    steps,
    evaluations: wanted.filter((line) => line.kind === "evaluation"),
    probes: wanted.filter((line) => line.kind === "probe"),
    stepSeconds: medianSeconds(lines.filter((line) => line.kind === "step").slice(-RECENT)),
  };
}

function medianSeconds(steps: readonly StepEvent[]): number {
  const sorted = steps.map(({ stepSeconds }) => stepSeconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Whether a run has all its steps and everything that is measured of the last of them. */
export async function isComplete(point: SweepPoint): Promise<boolean> {
  const { steps, evaluateEvery, probeEvery } = point.config.training;
  const { step, evaluations, probes } = await readRun(point, "");
  if (step !== steps) return step > steps;
  const has = (every: number, events: readonly { readonly step: number }[]): boolean =>
    every === 0 || events.some((event) => event.step === steps);
  return has(evaluateEvery, evaluations) && has(probeEvery, probes);
}

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
 * A number over the runs of a model; undefined where none has it. Runs that have not come as far as the furthest are left out: a mean over runs of
 * different lengths would be a number of nothing.
 * @param pick the number and the step it was measured after
 */
export function overSeeds(
  runs: readonly RunRecord[],
  label: string,
  pick: (run: RunRecord) => { readonly value: number; readonly step: number } | undefined,
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
  const { mean, sd } = meanAndDeviation(values);
  return {
    values,
    seeds: whole.map(({ seed }) => seed),
    mean,
    deviation: values.length > 1 ? sd : null,
    step: furthest,
  };
}

/** The latest FID of a run. */
export function lastFid({ evaluations }: RunRecord): { value: number; step: number } | undefined {
  const last = evaluations.at(-1);
  const value = last?.metrics.fid?.mean;
  return last && value !== undefined ? { value, step: last.step } : undefined;
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
    .map((step) => [step, meanAndDeviation(begun.map((curve) => curve.get(step)!)).mean]);
}
