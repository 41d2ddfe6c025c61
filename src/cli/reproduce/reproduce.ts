/** The work of `reproduce`: runs what is missing, then writes table and figure from all there is. */

import { join } from "node:path";
import { openResources, type Resources } from "../../app/resources.ts";
import { shortPath } from "../../app/run-folder.ts";
import { trainPoints } from "../../app/sweep/train-points.ts";
import { writeLast } from "../../app/write-last.ts";
import { readableCount } from "../../base/readable.ts";
import { protocolSentence } from "../../metrics/describe.ts";
import { quickProbeSentence } from "../../studies/probe/quick.ts";
import type { OnlineExperiment, RunExperiment } from "../../studies/reproduce/experiment.ts";
import { reportMarkdown } from "../../studies/reproduce/markdown.ts";
import { planRuns } from "../../studies/reproduce/plan.ts";
import { isComplete, isWhole, readRun } from "../../studies/reproduce/read-run.node.ts";
import type { RunRecord } from "../../studies/reproduce/record.ts";
import type { Cell, Findings, Report } from "../../studies/reproduce/report.ts";
import type { ProbeScale } from "../../studies/reproduce/scales.ts";
import { writeReport } from "../../studies/reproduce/write.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { PointState } from "../../sweep/pool.ts";
import { loadPreset } from "../../training/config/presets.node.ts";
import { EXIT, type Invocation } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import { narrate, narrateRuns } from "../narrate.ts";
import { runStudy } from "../online-study.ts";
import type { Output } from "../output.ts";
import { exitOfPoints } from "../sweep-exit.ts";
import { openLabelled } from "./data.ts";
import { planReproduction, settingsOf } from "./plan.ts";
import { probeRuns } from "./probes.ts";
import { type ReproduceRequest, readReproduceRequest } from "./request.ts";
import { lossOf, readStanding, refusal, refuseLesserPlan, type Standing } from "./standing.ts";

/** What the parts of a reproduction are done with. */
interface Work {
  readonly request: ReproduceRequest;
  readonly invocation: Invocation;
  readonly signal: AbortSignal;
  readonly keep: Resources["keep"];
}

/** @returns the exit code: 0 all is there, 2 a run was refused or diverged, 130 interrupted, 1 a run kept crashing */
export async function reproduceFrom(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const request = readReproduceRequest(invocation);
  const { experiment } = request;
  const words = {
    stopped: "Stopped; the same command goes on.",
    document: { complete: false, reason: "interrupted" },
  };
  return interruptible(output, words, async (signal) => {
    const { keep, close } = openResources();
    const work: Work = { request, invocation, signal, keep };
    try {
      return experiment.kind === "runs"
        ? await fromRuns(work, experiment)
        : await fromStudy(work, experiment);
    } finally {
      await close();
    }
  });
}

async function fromRuns(
  { request, invocation, signal, keep }: Work,
  experiment: RunExperiment,
): Promise<number> {
  const { output, options } = invocation;
  const points = planRuns(experiment.models(request), request, loadPreset);
  const standing = await readStanding(request, points);
  refuseLesserPlan(standing, request, points);
  if (options.flag("dry-run")) return planReproduction(request, points, output, signal);
  const readOnly = options.flag("report") === true;
  if (readOnly && standing) await refuseEmpty(standing, points, experiment, request);
  const data = await openLabelled(points[0]!.config, output, signal, keep);
  const { out } = request;
  const states: ReadonlyMap<string, PointState> = readOnly
    ? new Map()
    : await trainUnique(points, request, output, signal);
  const runs = await Promise.all(points.map((point) => recordOf(point, states.get(point.id))));
  const probes = experiment.probed
    ? await probeRuns({
        ...{ runs, data, output, signal, readOnly, threads: request.threads },
        scale: request.scale.probe,
        folder: join(out, "probes"),
      })
    : new Map();
  const whole = runs.every((run, i) => isWhole(run, points[i]!.config));
  const complete = whole && (!experiment.probed || runs.every(({ id }) => probes.has(id)));
  const findings = experiment.findings(runs, probes, request);
  const report: Report = {
    ...headOf(request, experiment.title, data.train.summary.name),
    settings: settingsOf(request),
    complete,
    steps: request.steps,
    protocols: protocolsOf(runs, findings, experiment.probed ? request.scale.probe : undefined),
    runs: runs.map(({ id, label, seed, step, steps, state, message }) => ({
      ...{ id, label, seed, step, steps, state, message },
    })),
    ...findings,
  };
  const lost = standing && lossOf(standing, report.cells, signal.aborted);
  let written = true;
  if (lost === undefined) written = await conclude(invocation, report, join(out, request.name));
  else if (readOnly) throw refusal(standing!, lost);
  else concludeBeside(invocation, report, standing!, lost);
  if (signal.aborted) return EXIT.interrupted;
  return exitOfPoints(states.values()) || (written ? EXIT.done : EXIT.userError);
}

async function fromStudy(
  { request, invocation, signal, keep }: Work,
  experiment: OnlineExperiment,
): Promise<number> {
  const { output, options } = invocation;
  const { scale, out, data: source, threads } = request;
  const settings = scale.online;
  const dir = join(out, request.name);
  if (options.flag("dry-run")) {
    output.result(
      `${experiment.title}, scale ${request.scaleName}: in ${shortPath(dir)}\n${JSON.stringify(settings, null, 2)}`,
      {
        ...{ experiment: request.name, scale: request.scaleName, settings, folder: dir },
      },
    );
    return EXIT.done;
  }
  const readOnly = options.flag("report") === true;
  const result = await runStudy({ source, dir, settings, threads, output, signal, keep, readOnly });
  const { network, ...rest } = settings;
  const report: Report = {
    ...headOf(request, experiment.title, result.data),
    settings: {
      classifier: `${network.architecture}, ${network.width} channels${network.spectralNorm ? ", spectral norm" : ""}`,
      batch: rest.batchSize,
      "learning rate": rest.learningRate,
      seed: rest.seed,
    },
    complete: result.finished,
    steps: settings.taskIterations * settings.cycles * result.classes,
    protocols: [
      `Accuracy on ${2 * settings.testImages} test images at the most, half of them of the class; chance is 0.5.`,
    ],
    runs: [],
    ...experiment.findings(result, result.classes, scale),
  };
  if (!(await conclude(invocation, report, join(out, request.name)))) return EXIT.userError;
  return result.finished || readOnly ? EXIT.done : EXIT.interrupted;
}

const headOf = ({ name, scale, scaleName }: ReproduceRequest, title: string, data: string) => ({
  experiment: name,
  title,
  scale: scaleName,
  scaleDescription: scale.description,
  data,
});

/** Points of different labels may be one run. */
function unique(points: readonly SweepPoint[]): SweepPoint[] {
  return [...new Map(points.map((point) => [point.id, point])).values()];
}

async function trainUnique(
  points: readonly SweepPoint[],
  { jobs, retries }: ReproduceRequest,
  output: Output,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PointState>> {
  const told = narrateRuns(output);
  const command = [process.execPath, process.argv[1]!];
  try {
    const asked = { points: unique(points), jobs, retries, command, isDone: isComplete };
    return await trainPoints(asked, { report: told.report, signal });
  } finally {
    told.close();
  }
}

/** A run, and how it stands: as the pool left it, or, where there was none, by what there is of it. */
async function recordOf(point: SweepPoint, state: PointState | undefined): Promise<RunRecord> {
  if (state && state.kind !== "waiting")
    return readRun(point, state.kind, state.kind === "failed" ? state.message : undefined);
  const run = await readRun(point, "waiting");
  return isWhole(run, point.config) ? { ...run, state: "done" } : run;
}

/** The protocols of the measurements a table is made of, each once. */
function protocolsOf(
  runs: readonly RunRecord[],
  { cells }: Findings,
  probe: ProbeScale | undefined,
): readonly string[] {
  const has = (measure: Cell["measure"]): boolean => cells.some((cell) => cell.measure === measure);
  const fid = has("fid")
    ? runs.flatMap(({ evaluations }) =>
        evaluations.slice(-1).map((line) => `FID: ${protocolSentence(line)}.`),
      )
    : [];
  if (!has("accuracy")) return [...new Set(fid)];
  const accuracy = probe
    ? [probeScaleSentence(probe)]
    : runs.flatMap(({ probes }) => probes.slice(-1).map((line) => `Accuracy: ${quickProbeSentence(line)}.`));
  return [...new Set([...fid, ...accuracy])];
}

function probeScaleSentence({ limit, images, epochs, seeds }: ProbeScale): string {
  const parts = images
    ? `at most ${readableCount(images.train)} training and ${readableCount(images.test)} test images`
    : "all images";
  return `Accuracy: linear probe on maps pooled to at most ${readableCount(limit)} numbers, ${epochs} epochs, mean over ${seeds} orders of batches, ${parts}.`;
}

/** @returns whether the report could be written */
async function conclude({ output }: Invocation, report: Report, folder: string): Promise<boolean> {
  output.line(reportMarkdown(report));
  let files: string[] = [];
  const unwritten = await writeLast(narrate(output), async () => {
    files = await writeReport(report, folder);
  });
  output.result(files.map((file) => `made    ${shortPath(file)}`).join("\n"), {
    ...{ ...report, charts: undefined, files },
    ...(unwritten !== undefined && { unwritten }),
  });
  return unwritten === undefined;
}

/** What came out where it may not replace what is there: said, not written. */
function concludeBeside({ output }: Invocation, report: Report, standing: Standing, lost: string): void {
  output.result(
    `${reportMarkdown(report)}\n\nNot written: ${shortPath(standing.folder)} holds a result of ${
      standing.study === "same" ? "the same runs" : standing.study
    } that has more in it (${lost}). It is left as it is until this one has as much: the same command goes on.`,
    { ...report, charts: undefined, files: [] },
  );
}

/** `--report` trains nothing, so that what there is of the runs decides before any data is packed. @throws UserError as `refusal` */
async function refuseEmpty(
  standing: Standing,
  points: readonly SweepPoint[],
  experiment: RunExperiment,
  request: ReproduceRequest,
): Promise<void> {
  const runs = await Promise.all(points.map((point) => recordOf(point, undefined)));
  // What the probes of a run say is not known before the data is open.
  if (experiment.probed && runs.some(({ step }) => step > 0)) return;
  const lost = lossOf(standing, experiment.findings(runs, new Map(), request).cells, false);
  if (lost !== undefined) throw refusal(standing, lost);
}
