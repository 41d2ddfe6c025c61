/** From the options of `reproduce` to what is to be run. */
import { resolve } from "node:path";
import { canonicalSource } from "../../app/run-folder.ts";
import { UserError, unknownName } from "../../base/errors.ts";
import type { Experiment } from "../../studies/reproduce/experiment.ts";
import { checkRows, ROBUSTNESS_ROWS } from "../../studies/reproduce/experiments/table2.ts";
import type { Request } from "../../studies/reproduce/plan.ts";
import { EXPERIMENTS, type ExperimentName } from "../../studies/reproduce/registry.ts";
import { SCALES, type Scale, type ScaleName } from "../../studies/reproduce/scales.ts";
import type { Invocation } from "../command.ts";

/** What `reproduce` was asked for. */
export interface ReproduceRequest extends Request {
  readonly name: ExperimentName;
  readonly experiment: Experiment;
  readonly scaleName: ScaleName;
  /** Folder of runs and results. */
  readonly out: string;
  readonly jobs: number;
  readonly retries: number;
  /** Threads of the online study and the probes; 0 takes the cores this process may use. */
  readonly threads: number;
}

/** @throws UserError for unknown names, and options that would have no effect */
export function readReproduceRequest({ args, options }: Invocation): ReproduceRequest {
  const name = args[0]!;
  if (!Object.hasOwn(EXPERIMENTS, name)) throw unknownName("table or figure", name, Object.keys(EXPERIMENTS));
  const experiment: Experiment = EXPERIMENTS[name as ExperimentName];
  const scaleName = options.text("scale") ?? "laptop";
  if (!Object.hasOwn(SCALES, scaleName)) throw unknownName("scale", scaleName, Object.keys(SCALES));
  const scale = scaleOf(scaleName as ScaleName, experiment);
  if (experiment.kind === "online")
    for (const option of ["steps", "seeds", "set", "jobs", "retries"])
      if (options.texts(option).length > 0)
        throw new UserError(
          `--${option} has no effect on ${name}, which trains no GAN.`,
          'Leave it out; "quarterturn forgetting" has options for the study itself.',
        );
  const wanted = options.text("rows");
  if (wanted !== undefined && name !== "table2")
    throw new UserError(
      `--rows has no effect on ${name}: only table2 has rows to choose from.`,
      "Leave it out.",
    );
  const rows =
    wanted === "all"
      ? ROBUSTNESS_ROWS
      : (wanted
          ?.split(",")
          .map((row) => row.trim())
          .filter(Boolean) ??
        scale.rows ??
        ROBUSTNESS_ROWS);
  checkRows(rows);
  const out = resolve(options.text("out") ?? `runs/reproduce-${scaleName}`);
  const threads = options.number("threads", { whole: true, min: 0 });
  const data = options.text("data");
  return {
    name: name as ExperimentName,
    experiment,
    scale,
    scaleName: scaleName as ScaleName,
    data: canonicalSource(data ?? null),
    out,
    folder: resolve(out, "runs"),
    steps: options.number("steps", { whole: true, min: 1 }) ?? scale.steps,
    seeds: options.number("seeds", { whole: true, min: 1, max: 100 }),
    sets: [...options.texts("set"), ...(threads === undefined ? [] : [`engine.threads=${threads}`])],
    rows,
    jobs: options.number("jobs", { whole: true, min: 1, max: 1024 }) ?? 1,
    retries: options.number("retries", { whole: true, min: 0 }) ?? 3,
    threads: threads ?? 0,
  };
}

/** The scale as an experiment has it: its own lengths are the paper's. */
function scaleOf(name: ScaleName, experiment: Experiment): Scale {
  const scale: Scale = SCALES[name];
  const paper = name === "paper" && experiment.kind === "runs" ? experiment.paper : undefined;
  return paper
    ? { ...scale, steps: paper.steps, probe: { ...scale.probe, images: paper.probeImages } }
    : scale;
}
