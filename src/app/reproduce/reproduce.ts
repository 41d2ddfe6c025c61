/**
 * The use case `reproduce`: runs what is missing of a table or figure, then writes it from all
 * there is.
 */
import { join } from "node:path";
import type { OnlineExperiment, RunExperiment } from "../../studies/reproduce/experiment.ts";
import { planRuns } from "../../studies/reproduce/plan.ts";
import { isComplete, isWhole } from "../../studies/reproduce/read-run.node.ts";
import type { Report } from "../../studies/reproduce/report.ts";
import { writeReport } from "../../studies/reproduce/write.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import type { PointState } from "../../sweep/pool.ts";
import { loadPreset } from "../../training/config/presets.node.ts";
import type { Context } from "../context.ts";
import { runStudy } from "../online-study.ts";
import { openResources } from "../support/resources.ts";
import { writeLast } from "../support/write-last.ts";
import { trainPoints } from "../sweep/train-points.ts";
import { type ExistingResult, lossOf, readExisting, refusal, refuseLesserPlan } from "./existing-result.ts";
import { openLabeled } from "./labeled-data.ts";
import { probeRuns } from "./probes.ts";
import { protocolsOf, recordOf } from "./records.ts";
import { type ReproduceRequest, settingsOf } from "./request.ts";

/** How a reproduction is done. */
export interface ReproductionMode {
  /** Whether table and figure are written from what is there, and nothing is trained. */
  readonly readOnly: boolean;
  /** This program, before its arguments: each run is a process of its own. */
  readonly command: readonly string[];
}

/** What came of a reproduction. */
export interface Reproduction {
  readonly report: Report;
  /** Table, figure and data, absolute; none where `kept` or `unwritten` says why. */
  readonly files: readonly string[];
  /** Why they could not be written. */
  readonly unwritten: string | undefined;
  /** An earlier result with more in it, which was left in its place. */
  readonly kept: KeptResult | undefined;
  /** How the runs ended that were trained now, by id. */
  readonly states: ReadonlyMap<string, PointState>;
}

/** An earlier result that was not replaced. */
export interface KeptResult {
  readonly folder: string;
  /** What it is of, beside what was asked for. */
  readonly study: ExistingResult["study"];
  /** What would have been lost, in words. */
  readonly lost: string;
}

/**
 * Make a table or a figure of the paper. Aborting lets what is under way save; the result is of
 * what there is then.
 * @throws UserError for everything a user can put right
 */
export const reproduce = (
  request: ReproduceRequest,
  mode: ReproductionMode,
  context: Context,
): Promise<Reproduction> =>
  request.experiment.kind === "runs"
    ? fromRuns(request, request.experiment, mode, context)
    : fromStudy(request, request.experiment, mode, context);

async function fromRuns(
  request: ReproduceRequest,
  experiment: RunExperiment,
  { readOnly, command }: ReproductionMode,
  context: Context,
): Promise<Reproduction> {
  const { report: reportEvent, signal } = context;
  const points = planRuns(experiment.models(request), request, loadPreset);
  const existing = await readExisting(request, points);
  refuseLesserPlan(existing, request, points);
  if (readOnly && existing) await refuseEmpty(existing, points, experiment, request);
  const { use, close } = openResources();
  try {
    const data = await openLabeled(points[0]!.config, context, use);
    const { out, jobs, retries } = request;
    const states: ReadonlyMap<string, PointState> = readOnly
      ? new Map()
      : await trainPoints({ points: unique(points), jobs, retries, command, isDone: isComplete }, context);
    const runs = await Promise.all(points.map((point) => recordOf(point, states.get(point.id))));
    const probing = { scale: request.scale.probe, folder: join(out, "probes"), threads: request.threads };
    const probes = experiment.probed
      ? await probeRuns({ ...probing, runs, data, readOnly }, context)
      : new Map();
    const whole = runs.every((run, i) => isWhole(run, points[i]!.config));
    const findings = experiment.findings(runs, probes, request);
    const report: Report = {
      ...headOf(request, experiment.title, data.train.summary.name),
      settings: settingsOf(request),
      complete: whole && (!experiment.probed || runs.every(({ id }) => probes.has(id))),
      steps: request.steps,
      protocols: protocolsOf(runs, findings, experiment.probed ? request.scale.probe : undefined),
      runs: runs.map(({ id, label, seed, step, steps, state, message }) => ({
        ...{ id, label, seed, step, steps, state, message },
      })),
      ...findings,
    };
    const lost = existing && lossOf(existing, report.cells, signal.aborted);
    if (lost === undefined) return { ...(await write(report, request, reportEvent)), states };
    if (readOnly) throw refusal(existing!, lost);
    const { folder, study } = existing!;
    return { report, files: [], unwritten: undefined, kept: { folder, study, lost }, states };
  } finally {
    await close();
  }
}

async function fromStudy(
  request: ReproduceRequest,
  experiment: OnlineExperiment,
  { readOnly }: ReproductionMode,
  context: Context,
): Promise<Reproduction> {
  const { scale, data: source, threads } = request;
  const settings = scale.online;
  const result = await runStudy({ source, dir: folderOf(request), settings, threads, readOnly }, context);
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
  return { ...(await write(report, request, context.report)), states: new Map() };
}

/** The folder of the result. */
export const folderOf = ({ out, name }: Pick<ReproduceRequest, "out" | "name">): string => join(out, name);

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

/** Tell a result, then write it. */
async function write(
  report: Report,
  request: ReproduceRequest,
  reportEvent: Context["report"],
): Promise<Omit<Reproduction, "states">> {
  void reportEvent({ kind: "reproduced", report });
  let files: string[] = [];
  const unwritten = await writeLast(reportEvent, async () => {
    files = await writeReport(report, folderOf(request));
  });
  return { report, files, unwritten, kept: undefined };
}

/**
 * Nothing is trained, so that what there is of the runs decides before any data is packed.
 * @throws UserError as `refusal`
 */
async function refuseEmpty(
  existing: ExistingResult,
  points: readonly SweepPoint[],
  experiment: RunExperiment,
  request: ReproduceRequest,
): Promise<void> {
  const runs = await Promise.all(points.map((point) => recordOf(point, undefined)));
  // What the probes of a run say is not known before the data is open.
  if (experiment.probed && runs.some(({ step }) => step > 0)) return;
  const lost = lossOf(existing, experiment.findings(runs, new Map(), request).cells, false);
  if (lost !== undefined) throw refusal(existing, lost);
}
