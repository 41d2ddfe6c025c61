/**
 * The use case of a dry run: what `train` would do, without writing anything but the cache of
 * packed images: those trained on, and those measured with where training would measure. The speed
 * is measured by real steps of the real loop, whose pictures and checkpoints go nowhere.
 */
import { cpus } from "node:os";
import type { DataSummary, ImageStore } from "../../data/index.node.ts";
import { memoryLimitBytes, residentMemory } from "../../engine/devices/cpu.node.ts";
import type { Engine } from "../../engine/engine.ts";
import { sizeOf } from "../../graph/shape.ts";
import { buildSteps } from "../../objectives/build.ts";
import type { Slot, Steps } from "../../objectives/steps.ts";
import type { Config } from "../../training/config/schema.ts";
import { type Speed, trainingSeconds } from "../../training/estimate.ts";
import { measuredSteps, measureSpeed } from "../../training/speed.ts";
import type { Context } from "../context.ts";
import { configRows, type ReasonedValue } from "../support/config-rows.ts";
import { openResources } from "../support/resources.ts";
import { withRunImages } from "../support/run-folder.ts";
import { prepareTraining } from "./choose-recipe.ts";
import { measuredBefore, openTrainEvaluation } from "./evaluation.ts";
import type { TrainOptions } from "./options.ts";
import { openTrainProbing } from "./probing.ts";
import { type ProgramProfile, profileSteps } from "./profile-step.ts";
import { readTrainRequest, type TrainRequest, withKnownClasses } from "./request.ts";
import { planRun, type RunPlan } from "./run-plan.ts";

/** A value of the configuration as a plan has it. */
export interface PlannedRow extends ReasonedValue {
  /**
   * Nobody has set it, and nothing that was found here has: it is the preset's, or that of the run
   * that goes on.
   */
  readonly usual: boolean;
}

/** What training would do: the document of `train --dry-run --json`. */
export interface TrainingPlan {
  /** Every value of the configuration, with its reason. */
  readonly values: readonly PlannedRow[];
  readonly data: DataSummary;
  /** Numbers in the parameters of both networks. */
  readonly parameters: { readonly generator: number; readonly discriminator: number };
  readonly run: RunPlan;
  /** What computes. */
  readonly engine: string;
  readonly memory: MemoryNeed;
  /** Steps that were tried, and what they took. */
  readonly measured: Speed & { readonly steps: number };
  /** Steps that are left, the seconds they take, and when they would be done (ISO 8601). */
  readonly estimate: { readonly steps: number; readonly seconds: number; readonly end: string };
  /** Where a profile was asked for. */
  readonly profile?: readonly ProgramProfile[];
}

/**
 * Find out what `train` would do with the same options.
 * @param profile a folder for traces of a few steps under ONNX Runtime's profiler; none unless
 * given
 * @throws UserError as `train` would, before its first step
 */
export async function planTraining(
  options: TrainOptions,
  context: Context,
  profile?: string,
): Promise<TrainingPlan> {
  const { report } = context;
  const asked = await readTrainRequest(options);
  for (const message of asked.warnings) void report({ kind: "warning", message });
  const { use, close } = openResources();
  try {
    const prepared = await prepareTraining(asked, context);
    const { request } = prepared;
    const engine = use(prepared.engine);
    const store = use(prepared.store);
    const config = withKnownClasses(request, store, report);
    await checkMeasuring({ ...request, config }, engine, context);
    const run = await planRun({ ...request, config });
    const steps = buildSteps(config, engine.target);
    const tried = measuredSteps(config, steps);
    void report({ kind: "trial", steps: tried, engine: engine.description });
    const speed = await measureSpeed(config, steps, engine, store);
    const profiles = profile === undefined ? undefined : await profileSteps(config, store, profile);
    const left = Math.max(0, config.training.steps - run.step);
    const seconds = trainingSeconds(speed, left, config.training.sampleEvery);
    const reasons = {
      ...request.reasons,
      ...automaticReasons(request.reasons, config, engine, store),
      ...(config.data.classes !== request.config.data.classes && { "data.classes": "from the data" }),
    };
    return {
      values: configRows(config, reasons).map((row) => ({
        ...row,
        usual: !asked.given.has(row.path) && row.reason === asked.reasons[row.path],
      })),
      data: store.summary,
      parameters: {
        generator: countElements(steps.layout.generator.parameters),
        discriminator: countElements(steps.layout.discriminator.parameters),
      },
      run,
      engine: engine.description,
      memory: memoryNeed(steps, engine.process),
      measured: { steps: tried, ...speed },
      estimate: { steps: left, seconds, end: new Date(Date.now() + seconds * 1000).toISOString() },
      ...(profiles && { profile: profiles }),
    };
  } finally {
    await close();
  }
}

/**
 * Open what training would measure with, and close it again: what is missing is missing now.
 * @throws UserError as `train` would, before its first step
 */
async function checkMeasuring(request: TrainRequest, engine: Engine, context: Context): Promise<void> {
  const placed = withRunImages(request.config, request.dir);
  const measured = await measuredBefore(request);
  await (await openTrainEvaluation(placed, engine, { ...context, measured })).close();
  await (await openTrainProbing(placed, engine, context)).close();
}

/** What `auto`, 0 and null turned out to mean here. */
function automaticReasons(
  reasons: Readonly<Record<string, string>>,
  config: Config,
  engine: Engine,
  store: ImageStore,
): Record<string, string> {
  const automatic: Record<string, string> = {};
  const add = (path: string, text: string): void => {
    automatic[path] = `${reasons[path]}; here: ${text}`;
  };
  if (config.engine.device === "auto") add("engine.device", engine.description);
  if (config.engine.threads === 0)
    add("engine.threads", `${engine.threads}, the cores this process may use, of ${cpus().length}`);
  if (config.data.source === null) add("data.source", `the built-in images "${store.summary.source}"`);
  return automatic;
}

/**
 * Bytes: what must be kept, what the process really took while it ran the steps, and what it may
 * take.
 */
export interface MemoryNeed {
  /** Weights, their average, Adam's moments and buffers. */
  readonly state: number;
  readonly measuredPeak: number;
  readonly limit: number;
}

function memoryNeed(
  { layout, accumulating }: Pick<Steps, "layout" | "accumulating">,
  engineProcess: number | undefined,
): MemoryNeed {
  const [g, d] = [countElements(layout.generator.parameters), countElements(layout.discriminator.parameters)];
  const buffers = countElements(layout.generator.buffers) + countElements(layout.discriminator.buffers);
  const gathered = accumulating ? g + d : 0;
  return {
    state: 4 * (4 * g + 3 * d + buffers + gathered),
    measuredPeak: residentMemory(engineProcess).peak,
    limit: memoryLimitBytes(),
  };
}

const countElements = (slots: readonly Slot[]): number =>
  slots.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
