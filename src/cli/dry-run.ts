/**
 * `train --dry-run`: what would happen, without writing anything but the cache of packed images: those trained on, and those
 * measured with where training would measure. The speed is measured by real
 * steps of the real loop, whose pictures and checkpoints go nowhere.
 */
import { cpus } from "node:os";
import type { ImageStore } from "../data/index.node.ts";
import { memoryLimitBytes, residentMemory } from "../engine/cpu.node.ts";
import type { Engine } from "../engine/engine.ts";
import { buildSteps } from "../objectives/build.ts";
import type { Slot, Steps } from "../objectives/steps.ts";
import { showValue } from "../training/config/describe.ts";
import type { Config } from "../training/config/schema.ts";
import { trainingSeconds } from "../training/estimate.ts";
import { measuredSteps, measureSpeed } from "../training/speed.ts";
import { EXIT, type Invocation } from "./command.ts";
import { configRows } from "./config-rows.ts";
import type { Output } from "./output.ts";
import { dataSentence } from "./prepare.ts";
import { profileSteps, profileText } from "./profile-step.ts";
import { withRunImages } from "./run-folder.ts";
import { planRun } from "./run-plan.ts";
import { formatBytes, formatCount, formatDuration } from "./status.ts";
import { textTable } from "./table.ts";
import { readTrainRequest, type TrainRequest, withKnownClasses } from "./train-config.ts";
import { measuredBefore, openTrainEvaluation } from "./train-evaluation.ts";
import { prepareTraining } from "./train-prepare.ts";
import { openTrainProbing } from "./train-probe.ts";

/** Run `train --dry-run`. @returns the exit code */
export async function dryRun(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const asked = await readTrainRequest(invocation);
  for (const doubt of asked.warnings) output.warning(doubt);
  const { request, engine, store } = await prepareTraining(asked, output);
  try {
    try {
      const config = withKnownClasses(request, store, output);
      await checkMeasuring({ ...request, config }, engine, output);
      const plan = await planRun({ ...request, config });
      const steps = buildSteps(config, engine.target);
      output.line(`Measuring ${measuredSteps(config, steps)} steps on ${engine.description} …`);
      const speed = await measureSpeed(config, steps, engine, store);
      const dir = invocation.options.text("profile");
      const profile = dir === undefined ? undefined : await profileSteps(config, store, dir);
      if (profile) output.line(`\n${profileText(profile)}`);
      const values = configRows(config, {
        ...request.reasons,
        ...automaticReasons(request.reasons, config, engine, store),
        ...(config.data.classes !== request.config.data.classes && { "data.classes": "from the data" }),
      });
      const memory = memoryNeed(steps, engine.process);
      const stepsLeft = Math.max(0, config.training.steps - plan.step);
      const seconds = trainingSeconds(speed, stepsLeft, config.training.sampleEvery);
      const end = new Date(Date.now() + seconds * 1000);
      const parameters = {
        generator: countElements(steps.layout.generator.parameters),
        discriminator: countElements(steps.layout.discriminator.parameters),
      };
      output.result(
        [
          `\n${textTable(values.map((row) => [row.path, showValue(row.value), row.unit, row.reason]))}\n`,
          textTable([
            ["data", dataSentence(store)],
            ...store.summary.notes.map((note) => ["", note]),
            [
              "networks",
              `generator ${formatCount(parameters.generator)}, discriminator ${formatCount(parameters.discriminator)} parameters`,
            ],
            ["run folder", plan.sentence],
            ["memory", memorySentence(memory)],
            [
              "step",
              `${formatDuration(speed.stepSeconds)} (measured), a grid of samples ${formatDuration(speed.sampleSeconds)}`,
            ],
            [
              "time",
              `${formatCount(stepsLeft)} steps in about ${formatDuration(seconds)}: done at ${end.toLocaleString("sv-SE").slice(0, 16)}`,
            ],
          ]),
        ].join("\n"),
        {
          values,
          data: store.summary,
          parameters,
          run: plan,
          engine: engine.description,
          memory,
          measured: { steps: measuredSteps(config, steps), ...speed },
          estimate: { steps: stepsLeft, seconds, end: end.toISOString() },
          ...(profile && { profile }),
        },
      );
    } finally {
      store.close();
    }
  } finally {
    await engine.close();
  }
  return EXIT.done;
}

/**
 * Open what training would measure with, and close it again: what is missing is missing now.
 * @throws UserError as `train` would, before its first step
 */
async function checkMeasuring(request: TrainRequest, engine: Engine, output: Output): Promise<void> {
  const placed = withRunImages(request.config, request.dir);
  const measured = await measuredBefore(request);
  // Nothing is saved, so nothing needs to be stopped with care.
  const { signal } = new AbortController();
  await (await openTrainEvaluation(placed, engine, { output, signal, measured })).close();
  await (await openTrainProbing(placed, engine, output)).close();
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

/** Bytes: what must be kept, what the process really took while it ran the steps, and what it may take. */
interface MemoryNeed {
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

function memorySentence({ state, measuredPeak, limit }: MemoryNeed): string {
  const tight =
    measuredPeak > 0.8 * limit ? "; this is tight: use a smaller training.batchSize or widths" : "";
  return `${formatBytes(measuredPeak)} at the peak (measured), ${formatBytes(state)} of it weights and moments; this process may have ${formatBytes(limit)}${tight}`;
}

function countElements(slots: readonly Slot[]): number {
  return slots.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
