/** A trained generator out of a run folder, without its data set. */
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Engine, Executable } from "../../engine/engine.ts";
import { createEngine } from "../../engine/node.node.ts";
import { networkLayout } from "../../objectives/programs/initial-state.ts";
import { floatSamplerProgram, samplerProgram, standingProgram } from "../../objectives/programs/sampler.ts";
import type { Config } from "../../training/config/schema.ts";
import {
  type Checkpoint,
  checkpointOf,
  listCheckpoints,
  newestCheckpoint,
} from "../../training/run/checkpoint/checkpoint.node.ts";
import { assembleState } from "../../training/run/checkpoint/weights.ts";
import { readClassNames } from "../../training/run/folder/class-names.node.ts";
import { checkpointsIn, readRunConfig } from "../../training/run/folder/run-folder.node.ts";
import { AVERAGED } from "../../training/sampling/samples.ts";
import { gatherStanding, STANDING } from "../../training/sampling/standing-statistics.ts";
import type { Context } from "../context.ts";
import type { EngineChoice } from "./engine-choice.ts";
import { withRunImages } from "./run-folder.ts";

/** A generator ready to sample from. */
export interface LoadedGenerator {
  readonly config: Config;
  /** Steps it was trained for. */
  readonly step: number;
  readonly averaged: boolean;
  readonly sampler: Executable;
  /** To be given with every run of `sampler`. */
  readonly alias: Readonly<Record<string, string>>;
  /**
   * Names of the classes, in the order of their numbers; undefined where the run has none or they
   * were not noted.
   */
  readonly classNames: readonly string[] | undefined;
  /** What the user should be told. */
  readonly notes: readonly string[];
}

/**
 * The engine a run was trained on, or the one that is asked for. The caller closes it.
 * @throws UserError for a run that cannot be read, or a device this machine cannot use
 */
export async function openRunEngine(run: string, { device, threads }: EngineChoice): Promise<Engine> {
  const { engine: trainedOn } = await runConfig(run);
  return createEngine({
    device: (device as typeof trainedOn.device | undefined) ?? trainedOn.device,
    threads: threads ?? trainedOn.threads,
  });
}

/**
 * The configuration of a run folder.
 * @throws UserError when it is not one, or of another version
 */
export async function runConfig(run: string): Promise<Config> {
  return withRunImages(await readRunConfig(run), run);
}

/** Which generator of a run, and how. */
export interface GeneratorRequest {
  /** Of the checkpoint; the newest whole one unless given. */
  readonly step?: number | undefined;
  /** Whether to use the moving average; where the run has one unless given. */
  readonly averaged?: boolean | undefined;
  /**
   * Whether the sampler rounds its images to uint8, as it does unless told otherwise, or gives them
   * as they are, float32.
   */
  readonly pixels?: "uint8" | "float32";
  /** Told of the images generated for standing statistics, which take a while. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends the making of standing statistics with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Load the generator of `run` into `engine`.
 * @throws UserError when there is no such checkpoint, or it is damaged or does not fit the run's
 * configuration
 */
export async function loadGenerator(
  engine: Engine,
  run: string,
  { step, averaged, pixels = "uint8", onProgress, signal }: GeneratorRequest = {},
): Promise<LoadedGenerator> {
  const config = await runConfig(run);
  if (averaged === true && config.training.ema === 0)
    throw new UserError(`${run} has no averaged weights (training.ema is 0).`, `Leave ${option("ema")} out.`);
  const useAverage = averaged ?? config.training.ema > 0;
  const { checkpoint, notes } = await findCheckpoint(run, step);
  const program = (pixels === "uint8" ? samplerProgram : floatSamplerProgram)(config, engine.target);
  const weights: Readonly<Record<string, string>> = useAverage ? AVERAGED : {};
  const entries = program.reads.map(({ name }) => weights[name] ?? name);
  await engine.writeState(assembleState(checkpoint.named, entries, networkLayout(config), checkpoint.path));
  const alias = { ...weights, ...(await evaluationStatistics(engine, config, weights, onProgress, signal)) };
  const sampler = await engine.compile(program);
  return {
    config,
    step: checkpoint.meta.progress.step,
    averaged: useAverage,
    sampler,
    alias,
    classNames: await readClassNames(run),
    notes,
  };
}

/** A listener for {@link GeneratorRequest.onProgress}. */
export const statisticsOf =
  ({ report }: Pick<Context, "report">) =>
  (done: number, total: number): void =>
    void report({ kind: "progress", activity: "statistics", done, total });

/**
 * The statistics a configuration wants for evaluation, in an engine that holds the generator's
 * state.
 * @returns the names to be given with every run of the sampler
 */
export async function evaluationStatistics(
  engine: Engine,
  config: Config,
  weights: Readonly<Record<string, string>>,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  if (config.generator.statistics !== "standing") return {};
  const program = standingProgram(config, engine.target);
  if (!program) return {};
  const executable = await engine.compile(program);
  try {
    await gatherStanding(engine, executable, config, weights, onProgress, signal);
  } finally {
    await executable.release();
  }
  return STANDING;
}

/**
 * A run's checkpoint of a step, or the newest whole one.
 * @throws UserError when there is none, or it is damaged
 */
export async function findCheckpoint(
  run: string,
  step: number | undefined,
): Promise<{ checkpoint: Checkpoint; notes: string[] }> {
  const folder = checkpointsIn(run);
  const steps = await listCheckpoints(folder);
  if (steps.length === 0)
    throw new UserError(
      `${run} has no checkpoint yet.`,
      "Train until the first one is saved, or stop training with Ctrl-C: it saves.",
    );
  if (step === undefined) {
    const newest = await newestCheckpoint(folder);
    if (!newest) throw new Error(`${folder}: checkpoints vanished while being read`);
    return {
      checkpoint: newest.checkpoint,
      notes: newest.damaged.map(({ reason }) => `A newer checkpoint is damaged: ${reason}`),
    };
  }
  return { checkpoint: await checkpointOf(folder, step), notes: [] };
}
