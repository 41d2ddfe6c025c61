/**
 * What a reproduction would do: its runs with what there is of each, and the time what is missing
 * will take.
 */
import { createEngine } from "../../engine/node.node.ts";
import { ADVERSARIAL_LOSSES } from "../../objectives/adversarial.ts";
import { buildSteps } from "../../objectives/build.ts";
import type { RunExperiment } from "../../studies/reproduce/experiment.ts";
import { planRuns } from "../../studies/reproduce/plan.ts";
import { readRun } from "../../studies/reproduce/read-run.node.ts";
import type { RunRecord } from "../../studies/reproduce/record.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import { withDataClasses } from "../../training/config/classes.ts";
import { loadPreset } from "../../training/config/presets.node.ts";
import type { Config } from "../../training/config/schema.ts";
import { measureSpeed } from "../../training/speed.ts";
import type { Context } from "../context.ts";
import { openResources } from "../support/resources.ts";
import { readExisting, refuseLesserPlan } from "./existing-result.ts";
import { openLabeled } from "./labeled-data.ts";
import { type ReproduceRequest, settingsOf } from "./request.ts";

/** A run as it is planned. */
export interface PlannedRun {
  readonly id: string;
  /** The model. */
  readonly label: string;
  readonly seed: number;
  /** Steps done, and steps that it shall have. */
  readonly step: number;
  readonly steps: number;
  /** Seconds a step takes, and the steps that are missing. */
  readonly stepSeconds: number;
  readonly seconds: number;
}

/** What would be done: the document of `reproduce --dry-run --json`. */
export interface ReproductionPlan {
  readonly experiment: string;
  readonly scale: string;
  /** Everything in which the runs differ from the paper's presets. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** Folder of the runs, absolute. */
  readonly folder: string;
  readonly runs: readonly PlannedRun[];
  /** Seconds of training, one run after another. */
  readonly estimate: { readonly seconds: number };
}

/**
 * Find out what is to be done. Steps of a kind that was never trained are measured.
 * @throws UserError as `openLabeled`, and for a result that may not be replaced; the signal's
 * reason when it aborts
 */
export async function planReproduction(
  request: ReproduceRequest,
  experiment: RunExperiment,
  context: Context,
): Promise<ReproductionPlan> {
  const points = planRuns(experiment.models(request), request, loadPreset);
  refuseLesserPlan(await readExisting(request, points), request, points);
  const records = await Promise.all(points.map((point) => readRun(point, "planned")));
  const speeds = await speedsOf(points, records, context);
  const runs = records.map(({ id, label, seed, step, steps }, i) => {
    const stepSeconds = speeds[i]!;
    const seconds = Math.max(0, steps - step) * stepSeconds;
    return { id, label, seed, step, steps, stepSeconds, seconds };
  });
  return {
    experiment: request.name,
    scale: request.scaleName,
    settings: settingsOf(request),
    folder: request.folder,
    runs,
    estimate: { seconds: runs.reduce((sum, run) => sum + run.seconds, 0) },
  };
}

/**
 * Seconds a step of each point: as its own run had them, or as a run of the same work, else
 * measured now.
 */
async function speedsOf(
  points: readonly SweepPoint[],
  runs: readonly RunRecord[],
  context: Context,
): Promise<number[]> {
  const known = new Map<string, number>();
  points.forEach(({ config }, i) => {
    const { stepSeconds } = runs[i]!;
    if (!Number.isNaN(stepSeconds)) known.set(workOf(config), stepSeconds);
  });
  for (const { config } of points) {
    const work = workOf(config);
    if (!known.has(work)) known.set(work, await measureStep(config, context));
  }
  return points.map(({ config }, i) => {
    const { stepSeconds } = runs[i]!;
    return Number.isNaN(stepSeconds) ? known.get(workOf(config))! : stepSeconds;
  });
}

/**
 * What a step's time depends on: seeds, weights of losses and Adam's constants change no amount of
 * work.
 */
function workOf({ generator, discriminator, objective, training, engine }: Config): string {
  const { penalty, penaltyEvery, penalties, auxiliary, selfSupervision, rotatedBatch, turns } = objective;
  const { batchSize, accumulate, discIters } = training;
  // A loss that pairs images shows the generator's step real ones too.
  const { pairs } = ADVERSARIAL_LOSSES[objective.loss];
  return JSON.stringify([
    generator,
    discriminator,
    {
      pairs,
      penalty,
      penaltyEvery,
      penalties,
      auxiliary,
      selfSupervision,
      rotatedBatch,
      turns,
      batchSize,
      accumulate,
      discIters,
    },
    engine,
  ]);
}

async function measureStep(requested: Config, context: Context): Promise<number> {
  const { use, close } = openResources();
  try {
    const engine = use(await createEngine(requested.engine));
    const { train } = await openLabeled(requested, context, use);
    const config = withDataClasses(requested, train);
    void context.report({ kind: "progress", activity: "timing" });
    return (await measureSpeed(config, buildSteps(config, engine.target), engine, train)).stepSeconds;
  } finally {
    await close();
  }
}
