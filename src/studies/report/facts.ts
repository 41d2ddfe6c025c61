/** What a report says of a run, read from its folder. */
import { basename, join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import {
  type QuantityValues,
  quantitiesOfStep,
  RECENT_STEPS,
  recentQuantities,
} from "../../base/quantities.ts";
import { type Reproduction, reproduce } from "../../training/config/reproduce.node.ts";
import type { Config } from "../../training/config/schema.ts";
import { readEvaluations } from "../../training/evaluation/evaluations.node.ts";
import type { Best } from "../../training/evaluation/evaluator.ts";
import { type MemorizationFile, readMemorization } from "../../training/evaluation/memorization-file.node.ts";
import { readMetrics } from "../../training/evaluation/metrics.node.ts";
import type {
  ChangeEvent,
  EvaluationEvent,
  ProbeEvent,
  SampleEvent,
  StepEvent,
  WarningEvent,
} from "../../training/events.ts";
import { withoutPlace } from "../../training/export/metadata.node.ts";
import type { RunProgress } from "../../training/loop/ending.ts";
import { overfittingShare } from "../../training/loop/health/overfitting.ts";
import { readBest } from "../../training/run/checkpoint/best.node.ts";
import { readRunConfig } from "../../training/run/folder/run-folder.node.ts";
import { readRunProgress } from "../../training/run/folder/run-state.node.ts";
import type { TrainingSession } from "../../training/run/record/environment.ts";
import { readSessions } from "../../training/run/record/sessions.node.ts";

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
  /** Lines of its record that cannot be read. */
  readonly unreadable: number;
  readonly reproduction: Reproduction;
  readonly progress: RunProgress;
  /** The checkpoint that training measured best; undefined where nothing was measured. */
  readonly best: Best | undefined;
  /** Samples beside their nearest training images, where somebody has looked. */
  readonly memorization?: MemorizationFile | undefined;
  /** What the images are called, without where they lie. */
  readonly data: string;
}

/**
 * Everything that a report says of a run, read from its folder.
 * @throws UserError for what is no run folder, or one without a record
 */
export async function readFacts(run: string): Promise<RunFacts> {
  const dir = resolve(run);
  const config = await readRunConfig(run);
  const { lines, unreadable } = await readMetrics(join(dir, "metrics.jsonl"));
  if (lines.every(({ kind }) => kind === "ended"))
    throw new UserError(`${run} has no record yet (metrics.jsonl).`, "Train for a few steps first.");
  const data = withoutPlace(config.data.source);
  return {
    dir,
    unreadable,
    name: basename(dir),
    config,
    steps: lines.filter((line) => line.kind === "step"),
    samples: lines.filter((line) => line.kind === "sample"),
    warnings: lines.filter((line) => line.kind === "warning"),
    changes: lines.filter((line) => line.kind === "change"),
    probes: lines.filter((line) => line.kind === "probe"),
    evaluations: await readEvaluations(dir, lines),
    sessions: await readSessions(dir),
    reproduction: reproduce(config, data ?? undefined),
    progress: withoutFolder(await readRunProgress(dir, config.training.steps), dir),
    best: await readBest(dir),
    memorization: await readMemorization(dir),
    data: data ?? "the built-in images",
  };
}

/** Errors name files; where the run lies on the disk is nobody's business but its owner's. */
function withoutFolder(progress: RunProgress, dir: string): RunProgress {
  const { message, advice, ...rest } = progress;
  const short = (text: string): string => text.replaceAll(dir, basename(dir));
  return {
    ...rest,
    ...(message !== undefined && { message: short(message) }),
    ...(advice !== undefined && { advice: short(advice) }),
  };
}

/** Seconds of all updates, without what lies between them. */
export const trainingSeconds = ({ steps }: RunFacts): number =>
  steps.reduce((sum, { stepSeconds }) => sum + stepSeconds, 0);

/**
 * What the latest steps say, and the newest grid of samples; what a run does not have is left out.
 */
export function quantitiesOf({ steps, samples }: RunFacts): QuantityValues {
  const { diversity, variety, heldOut } = samples.at(-1) ?? {};
  const overfitting = heldOut && overfittingShare(heldOut);
  return {
    ...recentQuantities(steps.slice(-RECENT_STEPS).map((step) => quantitiesOfStep({ ...step }))),
    ...(diversity !== undefined && { diversity }),
    ...(variety !== undefined && { figures: variety.figures }),
    ...(overfitting !== undefined && { overfitting }),
    ...(heldOut && { trainingTakenForReal: heldOut.positive }),
  };
}

/** The latest evaluation that has a metric, of each protocol and feature network. */
export function latestEvaluations({ evaluations }: RunFacts): EvaluationEvent[] {
  const latest = new Map<string, EvaluationEvent>();
  for (const evaluation of evaluations)
    latest.set(`${evaluation.protocol} ${evaluation.features.hash} ${evaluation.weights}`, evaluation);
  return [...latest.values()];
}
