/** `reproduce --dry-run`: the scale, the runs with what there is of each, and the time what is missing will take. */

import { openResources } from "../../app/resources.ts";
import { formatCount, formatDuration } from "../../base/format.ts";
import { createEngine } from "../../engine/node.node.ts";
import { textTable } from "../../narration/table.ts";
import { ADVERSARIAL_LOSSES } from "../../objectives/adversarial.ts";
import { buildSteps } from "../../objectives/build.ts";
import { splitSet } from "../../studies/reproduce/plan.ts";
import { readRun } from "../../studies/reproduce/read-run.node.ts";
import type { RunRecord } from "../../studies/reproduce/record.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import { withDataClasses } from "../../training/config/classes.ts";
import type { Config } from "../../training/config/schema.ts";
import { measureSpeed } from "../../training/speed.ts";
import { EXIT } from "../command.ts";
import type { Output } from "../output.ts";
import { openLabelled } from "./data.ts";
import type { ReproduceRequest } from "./request.ts";

/** Show what would be done with `points`. @returns the exit code */
export async function planReproduction(
  request: ReproduceRequest,
  points: readonly SweepPoint[],
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const runs = await Promise.all(points.map((point) => readRun(point, "planned")));
  const speeds = await speedsOf(points, runs, output, signal);
  const rows = runs.map((run, i) => {
    const left = Math.max(0, run.steps - run.step);
    return { ...run, left, stepSeconds: speeds[i]!, seconds: left * speeds[i]! };
  });
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const { jobs, scale, scaleName } = request;
  const table = textTable([
    ["run", "seed", "steps", "a step", "left", "model"],
    ...rows.map((row) => [
      row.id,
      String(row.seed),
      `${formatCount(row.step)}/${formatCount(row.steps)}`,
      formatDuration(row.stepSeconds),
      row.left === 0 ? "done" : formatDuration(row.seconds),
      row.label,
    ]),
  ]);
  const text = [
    `${request.experiment.title}, scale ${scaleName}: ${scale.description}`,
    textTable(Object.entries(settingsOf(request)).map(([path, value]) => [path, String(value)])),
    table,
    `About ${formatDuration(seconds)} of training one after another (steps measured with the threads of this plan; evaluations and probes come on top)${jobs > 1 ? `; ${jobs} at once share the cores` : ""}.`,
  ].join("\n\n");
  output.result(text, {
    experiment: request.name,
    scale: scaleName,
    settings: settingsOf(request),
    folder: request.folder,
    runs: rows.map(({ id, label, seed, step, steps, stepSeconds, seconds: each }) => ({
      ...{ id, label, seed, step, steps, stepSeconds, seconds: each },
    })),
    estimate: { seconds },
  });
  return EXIT.done;
}

/** Everything in which the runs differ from the paper's presets; not what computes them. */
export function settingsOf(request: ReproduceRequest): Record<string, number | string> {
  const { scale, sets, steps, experiment } = request;
  const given = sets.filter((text) => !text.startsWith("engine.")).map(splitSet);
  const own = experiment.kind === "runs" && experiment.models(request).every(({ ownUpdates }) => ownUpdates);
  return { ...scale.set, ...(own ? {} : scale.main), "training.steps": steps, ...Object.fromEntries(given) };
}

/** Seconds a step of each point: as its own run had them, or as a run of the same work, else measured now. */
async function speedsOf(
  points: readonly SweepPoint[],
  runs: readonly RunRecord[],
  output: Output,
  signal: AbortSignal,
): Promise<number[]> {
  const known = new Map<string, number>();
  points.forEach(({ config }, i) => {
    const { stepSeconds } = runs[i]!;
    if (!Number.isNaN(stepSeconds)) known.set(workOf(config), stepSeconds);
  });
  for (const { config } of points) {
    const work = workOf(config);
    if (!known.has(work)) known.set(work, await measureStep(config, output, signal));
  }
  return points.map(({ config }, i) => {
    const { stepSeconds } = runs[i]!;
    return Number.isNaN(stepSeconds) ? known.get(workOf(config))! : stepSeconds;
  });
}

/** What a step's time depends on: seeds, weights of losses and Adam's constants change no amount of work. */
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

async function measureStep(requested: Config, output: Output, signal: AbortSignal): Promise<number> {
  const { keep, close } = openResources();
  try {
    const engine = keep(await createEngine(requested.engine));
    const { train } = await openLabelled(requested, { ...output, line: () => undefined }, signal, keep);
    const config = withDataClasses(requested, train);
    output.status("measuring a few steps");
    return (await measureSpeed(config, buildSteps(config, engine.target), engine, train)).stepSeconds;
  } finally {
    await close();
  }
}
