/** What a report says of a run, read from its folder. */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { readBest } from "../../training/best.node.ts";
import { type Reproduction, reproduce } from "../../training/config/reproduce.node.ts";
import type { Config } from "../../training/config/schema.ts";
import type { RunEnvironment, TrainingSession } from "../../training/environment.ts";
import { readEvaluations } from "../../training/evaluations.node.ts";
import type { Best } from "../../training/evaluator.ts";
import type {
  ChangeEvent,
  EvaluationEvent,
  ProbeEvent,
  SampleEvent,
  StepEvent,
  WarningEvent,
} from "../../training/events.ts";
import { withoutPlace } from "../../training/export/metadata.node.ts";
import { errorCode } from "../../training/files.node.ts";
import { readMetrics } from "../../training/metrics.node.ts";
import { readRunConfig } from "../../training/run-folder.node.ts";

/** A run as it lies in its folder. */
export interface RunFacts {
  /** Absolute. */
  readonly dir: string;
  readonly name: string;
  readonly config: Config;
  readonly steps: readonly StepEvent[];
  readonly samples: readonly SampleEvent[];
  readonly warnings: readonly WarningEvent[];
  readonly changes: readonly ChangeEvent[];
  readonly probes: readonly ProbeEvent[];
  readonly evaluations: readonly EvaluationEvent[];
  readonly sessions: readonly TrainingSession[];
  readonly reproduction: Reproduction;
  /** The checkpoint that training measured best; undefined where nothing was measured. */
  readonly best: Best | undefined;
  /** What the images are called, without where they lie. */
  readonly data: string;
}

/** @throws UserError for what is no run folder, or one without a record */
export async function readFacts(run: string): Promise<RunFacts> {
  const dir = resolve(run);
  const config = await readRunConfig(run);
  const { lines } = await readMetrics(join(dir, "metrics.jsonl"));
  if (lines.length === 0)
    throw new UserError(`${run} has no record yet (metrics.jsonl).`, "Train for a few steps first.");
  const data = withoutPlace(config.data.source);
  return {
    dir,
    name: basename(dir),
    config,
    steps: lines.filter((line) => line.kind === "step"),
    samples: lines.filter((line) => line.kind === "sample"),
    warnings: lines.filter((line) => line.kind === "warning"),
    changes: lines.filter((line) => line.kind === "change"),
    probes: lines.filter((line) => line.kind === "probe"),
    evaluations: await readEvaluations(dir, lines),
    sessions: await readSessions(join(dir, "environment.json")),
    reproduction: reproduce(config, data ?? undefined),
    best: await readBest(dir),
    data: data ?? "the built-in images",
  };
}

/** The sessions noted; none where the file is missing or damaged, as it is only a note. */
async function readSessions(path: string): Promise<readonly TrainingSession[]> {
  try {
    return (JSON.parse(await readFile(path, "utf8")) as RunEnvironment).sessions;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Seconds of all updates, without what lies between them. */
export const trainingSeconds = ({ steps }: RunFacts): number =>
  steps.reduce((sum, { stepSeconds }) => sum + stepSeconds, 0);

/** Mean of a value over the last tenth of a run's steps; undefined where it has none. */
export function lately(facts: RunFacts, pick: (step: StepEvent) => number | undefined): number | undefined {
  const last = facts.steps.slice(-Math.max(1, Math.ceil(facts.steps.length / 10)));
  const values = last.map(pick).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
}

/** The latest evaluation that has a metric, of each protocol and feature network. */
export function latestEvaluations({ evaluations }: RunFacts): EvaluationEvent[] {
  const latest = new Map<string, EvaluationEvent>();
  for (const evaluation of evaluations)
    latest.set(`${evaluation.protocol} ${evaluation.features.hash} ${evaluation.weights}`, evaluation);
  return [...latest.values()];
}
