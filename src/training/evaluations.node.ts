/** Everything that was ever measured of a run: while it trained (part of its record) and afterwards, by `evaluate`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EvaluationEvent } from "./events.ts";
import { errorCode } from "./files.node.ts";
import { readMetrics } from "./metrics.node.ts";

/** All evaluations in the order of the steps; of one step those of the training first. Lines that cannot be read are passed over. */
export async function readEvaluations(run: string): Promise<EvaluationEvent[]> {
  const { lines } = await readMetrics(join(run, "metrics.jsonl"));
  const training = lines.filter((line) => line.kind === "evaluation");
  return [...training, ...(await readLater(join(run, "evaluations.jsonl")))].sort((a, b) => a.step - b.step);
}

async function readLater(path: string): Promise<EvaluationEvent[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
  return text.split("\n").flatMap((line): EvaluationEvent[] => {
    try {
      const parsed = JSON.parse(line) as Partial<EvaluationEvent> | null;
      return parsed?.kind === "evaluation" && typeof parsed.step === "number" && parsed.metrics
        ? [parsed as EvaluationEvent]
        : [];
    } catch {
      return [];
    }
  });
}

/** The evaluations that describe a model of `step`: of that very step where there are any, else of the nearest one before it. */
export function evaluationsFor(all: readonly EvaluationEvent[], step: number): EvaluationEvent[] {
  const before = all.filter((evaluation) => evaluation.step <= step);
  const nearest = before.at(-1)?.step;
  return before.filter((evaluation) => evaluation.step === nearest);
}
