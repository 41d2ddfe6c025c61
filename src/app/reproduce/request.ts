/** From what a caller asks for to what is to be run. */
import { resolve } from "node:path";
import { UserError, unknownName } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Experiment } from "../../studies/reproduce/experiment.ts";
import { checkRows, ROBUSTNESS_ROWS } from "../../studies/reproduce/experiments/table2.ts";
import { type Request, splitSet } from "../../studies/reproduce/plan.ts";
import { EXPERIMENTS, type ExperimentName } from "../../studies/reproduce/registry.ts";
import { SCALES, type Scale, type ScaleName } from "../../studies/reproduce/scales.ts";
import { canonicalSource } from "../support/run-folder.ts";

/** Which table or figure of the paper, and how. */
export interface ReproduceOptions {
  /** `table1`, `fig3`, … (docs/studies.md). */
  readonly name: string;
  /** `paper`, `laptop` or `tiny`; `laptop` unless given. */
  readonly scale?: string | undefined;
  /** Labeled images: `cifar10:PATH` for the paper's. */
  readonly data?: string | undefined;
  /**
   * Folder of runs and results, shared by all tables; below `runs/` after the scale unless given.
   */
  readonly out?: string | undefined;
  /** Generator steps of every run; the scale's unless given. */
  readonly steps?: number | undefined;
  /** How many seeds every model has; as many as the scale says unless given. */
  readonly seeds?: number | undefined;
  /** The first of them; 1 unless given. */
  readonly firstSeed?: number | undefined;
  /** Rows of `table2`, or all; the scale's unless given. */
  readonly rows?: readonly string[] | "all" | undefined;
  /** Values of the configuration, each `path=value`, of every run to which it means something. */
  readonly set?: readonly string[] | undefined;
  /** Runs at once; 1 unless given. */
  readonly jobs?: number | undefined;
  /** How often a run that crashed is tried again; 3 unless given. */
  readonly retries?: number | undefined;
  /** Threads for the arithmetic of each run; 0: the cores this process may use. */
  readonly threads?: number | undefined;
}

/** What is to be run, with everything that was not given. */
export interface ReproduceRequest extends Request {
  readonly name: ExperimentName;
  readonly experiment: Experiment;
  readonly scaleName: ScaleName;
  /** Folder of runs and results, absolute. */
  readonly out: string;
  readonly jobs: number;
  readonly retries: number;
  /** Threads of the online study and the probes; 0 takes the cores this process may use. */
  readonly threads: number;
}

/** Options that mean something where GANs are trained only. */
const OF_RUNS = ["steps", "seeds", "firstSeed", "set", "jobs", "retries"] as const;

/**
 * A reproduction with all that was left out filled in.
 * @throws UserError for unknown names, and options that would have no effect
 */
export function reproduceRequest(options: ReproduceOptions): ReproduceRequest {
  const { name, scale: scaleName = "laptop", rows: wanted, threads, set = [] } = options;
  if (!Object.hasOwn(EXPERIMENTS, name)) throw unknownName("table or figure", name, Object.keys(EXPERIMENTS));
  const experiment: Experiment = EXPERIMENTS[name as ExperimentName];
  if (!Object.hasOwn(SCALES, scaleName)) throw unknownName("scale", scaleName, Object.keys(SCALES));
  const scale = scaleOf(scaleName as ScaleName, experiment);
  if (experiment.kind === "online")
    for (const each of OF_RUNS)
      if (each === "set" ? set.length > 0 : options[each] !== undefined)
        throw new UserError(
          `${option(each)} has no effect on ${name}, which trains no GAN.`,
          'Leave it out; "quarterturn forgetting" has options for the study itself.',
        );
  if (wanted !== undefined && name !== "table2")
    throw new UserError(
      `${option("rows")} has no effect on ${name}: only table2 has rows to choose from.`,
      "Leave it out.",
    );
  const rows = wanted === "all" ? ROBUSTNESS_ROWS : (wanted ?? scale.rows ?? ROBUSTNESS_ROWS);
  checkRows(rows);
  const out = resolve(options.out ?? `runs/reproduce-${scaleName}`);
  return {
    name: name as ExperimentName,
    experiment,
    scale,
    scaleName: scaleName as ScaleName,
    data: canonicalSource(options.data ?? null),
    out,
    folder: resolve(out, "runs"),
    steps: options.steps ?? scale.steps,
    seeds: options.seeds,
    firstSeed: options.firstSeed ?? 1,
    sets: [...set, ...(threads === undefined ? [] : [`engine.threads=${threads}`])],
    rows,
    jobs: options.jobs ?? 1,
    retries: options.retries ?? 3,
    threads: threads ?? 0,
  };
}

/** Everything in which the runs differ from the paper's presets; not what computes them. */
export function settingsOf(request: ReproduceRequest): Record<string, number | string> {
  const { scale, sets, steps, experiment } = request;
  const given = sets.filter((text) => !text.startsWith("engine.")).map(splitSet);
  const own = experiment.kind === "runs" && experiment.models(request).every(({ ownUpdates }) => ownUpdates);
  return { ...scale.set, ...(own ? {} : scale.main), "training.steps": steps, ...Object.fromEntries(given) };
}

/** The scale as an experiment has it: its own lengths are the paper's. */
function scaleOf(name: ScaleName, experiment: Experiment): Scale {
  const scale: Scale = SCALES[name];
  const paper = name === "paper" && experiment.kind === "runs" ? experiment.paper : undefined;
  return paper
    ? { ...scale, steps: paper.steps, probe: { ...scale.probe, images: paper.probeImages } }
    : scale;
}
