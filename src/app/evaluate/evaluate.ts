/** The use case `evaluate`: checkpoints of a run against its data, under a protocol. */
import { join, resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { Split } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import { sampleCounts } from "../../metrics/counts.ts";
import { appendLine } from "../../studies/record-files.ts";
import type { Config } from "../../training/config/schema.ts";
import { measuredWith } from "../../training/evaluation/evaluations.node.ts";
import { type EvaluationSetup, measureGenerator } from "../../training/evaluation/measure.ts";
import type { EvaluationEvent } from "../../training/events.ts";
import { chooseCheckpoint } from "../../training/run/checkpoint/best.node.ts";
import { listCheckpoints } from "../../training/run/checkpoint/checkpoint.node.ts";
import { checkpointsIn } from "../../training/run/folder/run-folder.node.ts";
import type { Context } from "../context.ts";
import type { GeneratorOptions } from "../sample/options.ts";
import type { EngineChoice } from "../support/engine-choice.ts";
import { loadGenerator, openRunEngine, runConfig, statisticsOf } from "../support/load-generator.ts";
import { openResources } from "../support/resources.ts";
import { canonicalSource, shortPath } from "../support/run-folder.ts";
import { canAppend, writeLast } from "../support/write-last.ts";
import { openReference } from "./reference.ts";
import { evaluationRequest, type MeasurementOptions } from "./request.ts";
import { measuringOf, metricsFor, openEvaluationTools } from "./tools.ts";

/** How to measure; what is left out is as the protocol says. */
export interface EvaluateOptions extends GeneratorOptions, MeasurementOptions, EngineChoice {
  /** Every checkpoint rather than one; the newest where neither is asked for. */
  readonly allCheckpoints?: boolean | undefined;
  /** Reference images; the run's own unless given. */
  readonly data?: string | undefined;
  /** Which part of them. */
  readonly split?: Split | undefined;
}

/** A line of `evaluations.jsonl`. */
export type EvaluationLine = EvaluationEvent & {
  /** Milliseconds since 1970. */
  readonly time: number;
};

/** What was measured: the document of `evaluate --json`. */
export interface EvaluationOutcome {
  /** The run folder, and its record of evaluations; both absolute. */
  readonly run: string;
  readonly file: string;
  /** Whether all of them are in that file; why not, has been told as a warning. */
  readonly written: boolean;
  /** One a checkpoint. */
  readonly evaluations: readonly EvaluationLine[];
}

/**
 * Measure a trained generator; the measurements are also added to the run's `evaluations.jsonl`.
 * Aborting ends it with the signal's reason; checkpoints measured by then are in the record.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function evaluate(options: EvaluateOptions, context: Context): Promise<EvaluationOutcome> {
  const { run, data: typed, split: asked } = options;
  const { report, signal } = context;
  const request = evaluationRequest(options);
  const { protocol } = request;
  const config = await runConfig(run);
  const steps = await chosenSteps(options);
  const path = resolve(run, "evaluations.jsonl");
  if (!(await canAppend(path)))
    void report({
      kind: "warning",
      message: `${shortPath(path)} cannot be written to: the numbers will only be printed.`,
    });
  const source = typed === undefined ? config.data.source : canonicalSource(typed);

  const { use, close } = openResources();
  try {
    const tools = use(await openEvaluationTools(request, context, signal, await measuredWith(run)));
    const { split: trained, ...data } = config.data;
    const otherwise = typed === undefined ? trained : "all";
    const parts = { asked, wanted: protocol.reference.split, otherwise };
    const store = use(await openReference({ ...data, source, signal }, parts, context));
    if (trainedOnTest(config, source, store.summary.split))
      void report({
        kind: "warning",
        message: "The run was trained on all images, the test images among them.",
      });
    const engine = use(await openRunEngine(run, options));
    const counts = sampleCounts(protocol, store.count, request.samples);
    const setup: EvaluationSetup = {
      protocol,
      ...tools,
      metrics: metricsFor(counts, tools.metrics, request, context),
      reference: store,
      counts,
      repeats: request.repeats ?? protocol.repeats,
      onProgress: measuringOf(report),
      signal,
    };
    const lines: EvaluationLine[] = [];
    let written = true;
    for (const step of steps) {
      const measured = await evaluateStep(options, step, engine, setup, context);
      lines.push(measured.line);
      written &&= measured.written;
    }
    return { run: resolve(run), file: path, written, evaluations: lines };
  } finally {
    await close();
  }
}

async function evaluateStep(
  { run, ema: averaged }: EvaluateOptions,
  wanted: number | undefined,
  engine: Engine,
  setup: EvaluationSetup,
  context: Context,
): Promise<{ readonly line: EvaluationLine; readonly written: boolean }> {
  const { report } = context;
  const pixels = setup.protocol.quantisation === "uint8" ? "uint8" : "float32";
  const generator = await loadGenerator(engine, run, {
    ...{ step: wanted, averaged, pixels, signal: setup.signal },
    onProgress: statisticsOf(context),
  });
  try {
    for (const message of generator.notes) void report({ kind: "warning", message });
    const evaluation = await measureGenerator(setup, generator);
    const { step } = generator;
    const weights = generator.averaged ? "averaged" : "latest";
    const line: EvaluationLine = { kind: "evaluation", step, weights, ...evaluation, time: Date.now() };
    void report({ kind: "measured", evaluation: line });
    // The numbers have been said by now; one place that cannot be written to does not end the others.
    const unwritten = await writeLast(report, () => appendLine(join(run, "evaluations.jsonl"), line));
    return { line, written: unwritten === undefined };
  } finally {
    await generator.sampler.release();
  }
}

/** The steps of the checkpoints to be evaluated; undefined stands for the newest whole one. */
async function chosenSteps({
  run,
  step,
  best = false,
  allCheckpoints = false,
}: EvaluateOptions): Promise<(number | undefined)[]> {
  if ([step !== undefined, allCheckpoints, best].filter(Boolean).length > 1)
    throw new UserError(
      `${option("step")}, ${option("best")} and ${option("allCheckpoints")} exclude each other.`,
      "Give one of them.",
    );
  if (best) return [(await chooseCheckpoint(run, { best: true })).step];
  if (!allCheckpoints) return [step];
  const steps = await listCheckpoints(checkpointsIn(run));
  // Without any, the newest is asked for, and its absence told.
  return steps.length > 0 ? steps.reverse() : [undefined];
}

/** Test images that were trained on test nothing. */
const trainedOnTest = ({ data }: Config, source: string | null, split: string): boolean =>
  data.split === "all" && split === "test" && data.source === source;
