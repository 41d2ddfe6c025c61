/** Reads runs of an experiment from their folders. */
import { join } from "node:path";
import { mean } from "../../base/math/statistics.ts";
import { quantitiesOfStep } from "../../base/quantities.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { Config } from "../../training/config/schema.ts";
import { readMetrics } from "../../training/evaluation/metrics.node.ts";
import type { StepEvent } from "../../training/events.ts";
import { listCheckpoints } from "../../training/run/checkpoint/checkpoint.node.ts";
import { checkpointsIn } from "../../training/run/folder/run-folder.node.ts";
import type { TrainingSession } from "../../training/run/record/environment.ts";
import { knownSessions } from "../../training/run/record/sessions.node.ts";
import type { RunRecord } from "./record.ts";
import { type Standstill, standstill } from "./standstill.ts";

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
    taskAccuracy: meanAccuracy(wanted.filter((line) => line.kind === "step").slice(-RECENT)),
    standstill:
      point.config.objective.loss === "hinge"
        ? standstillOf(wanted.filter((line) => line.kind === "step"))
        : undefined,
    peakMemoryBytes: peakMemory(await knownSessions(point.dir)),
  };
}

function meanAccuracy(steps: readonly StepEvent[]): number | undefined {
  const values = steps.flatMap((step) => quantitiesOfStep({ ...step }).taskAccuracyReal ?? []);
  return values.length > 0 ? mean(values) : undefined;
}

/** By the adversarial part of the discriminator's loss, without the pretext task's. */
function standstillOf(steps: readonly StepEvent[]): Standstill | undefined {
  const losses = steps.map(({ discriminator }) => discriminator.lossReal! + discriminator.lossFake!);
  return losses.length > 0 ? standstill(losses) : undefined;
}

/** Of all sessions that came to an end. */
function peakMemory(sessions: readonly TrainingSession[]): number | undefined {
  const known = sessions.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function medianSeconds(steps: readonly StepEvent[]): number {
  const sorted = steps.map(({ stepSeconds }) => stepSeconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Whether a run has all its steps and everything that is measured of the last of them. */
export function isWhole({ step, evaluations, probes }: RunRecord, { training }: Config): boolean {
  const { steps, evaluateEvery, probeEvery } = training;
  if (step !== steps) return step > steps;
  const has = (every: number, events: readonly { readonly step: number }[]): boolean =>
    every === 0 || events.some((event) => event.step === steps);
  // Measurements whose steps the run finds may end before its last one.
  return has(evaluateEvery === "auto" ? 0 : evaluateEvery, evaluations) && has(probeEvery, probes);
}

/** The same of a run that has not been read. */
export const isComplete = async (point: SweepPoint): Promise<boolean> =>
  isWhole(await readRun(point, ""), point.config);
