/**
 * Everything that was ever measured of a run: while it trained (part of its record) and afterwards,
 * by `evaluate`.
 */
import { join } from "node:path";
import type { EvaluationEvent, RecordLine } from "../events.ts";
import { readMetrics } from "./metrics.node.ts";

/**
 * What `quarterturn evaluate` has measured of a run, as it came. Lines that cannot be read are
 * passed over.
 */
export async function laterEvaluations(run: string): Promise<EvaluationEvent[]> {
  const { lines } = await readMetrics(join(run, "evaluations.jsonl"), ["evaluation"]);
  return lines as EvaluationEvent[];
}

/**
 * All evaluations in the order of the steps; of one step those of the training first.
 * @param record the lines of the run's record, where they have been read already
 */
export async function readEvaluations(
  run: string,
  record?: readonly RecordLine[],
): Promise<EvaluationEvent[]> {
  const lines = record ?? (await readMetrics(join(run, "metrics.jsonl"), ["evaluation"])).lines;
  const training = lines.filter((line) => line.kind === "evaluation");
  return [...training, ...(await laterEvaluations(run))].sort((a, b) => a.step - b.step);
}

/**
 * The feature network of a run's latest measurement: by `evaluate` if there is one, else while it
 * trained; undefined without any.
 */
export async function measuredWith(run: string): Promise<string | undefined> {
  const later = (await laterEvaluations(run)).at(-1);
  return later?.features.name ?? measuredInTraining(run);
}

/**
 * The feature network of the latest measurement made while training, up to `step`; undefined
 * without any.
 */
export async function measuredInTraining(
  run: string,
  step = Number.POSITIVE_INFINITY,
): Promise<string | undefined> {
  const { lines } = await readMetrics(join(run, "metrics.jsonl"), ["evaluation"]);
  const measured = lines.filter((line) => line.kind === "evaluation");
  return measured.findLast((line) => line.step <= step)?.features.name;
}

/**
 * The evaluations that describe a model of `step`: of that very step where there are any, else of
 * the nearest one before it.
 */
export function evaluationsFor(all: readonly EvaluationEvent[], step: number): EvaluationEvent[] {
  const before = all.filter((evaluation) => evaluation.step <= step);
  const nearest = before.at(-1)?.step;
  return before.filter((evaluation) => evaluation.step === nearest);
}
