/** The work of `evaluate`: checkpoints of a run against its data, under a protocol. */
import { join, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import type { ImageStore } from "../data/store.ts";
import type { Engine } from "../engine/engine.ts";
import { evaluationAdvice, isSmall } from "../metrics/advice.ts";
import { sampleCounts } from "../metrics/counts.ts";
import { appendLine } from "../studies/lines.ts";
import { chooseCheckpoint } from "../training/best.node.ts";
import { listCheckpoints } from "../training/checkpoint.node.ts";
import type { Config } from "../training/config/schema.ts";
import { measuredWith } from "../training/evaluations.node.ts";
import type { EvaluationEvent } from "../training/events.ts";
import { type Bench, measureGenerator } from "../training/measure.ts";
import { checkpointsIn } from "../training/run-folder.node.ts";
import type { CommandOptions, Invocation } from "./command.ts";
import { metricsFor, openInstruments, readEvaluationRequest, readSplit } from "./evaluation-options.ts";
import { evaluationLines, evaluationProgress } from "./evaluation-report.ts";
import { interruptible } from "./interruptible.ts";
import { loadGenerator, openRunEngine, runConfig } from "./load-generator.ts";
import { asksMemorization, memorizationFrom } from "./memorization.ts";
import { statisticsReport } from "./prepare.ts";
import { openReference } from "./reference.ts";
import { canonicalSource, shortPath } from "./run-folder.ts";
import { formatCount } from "./status.ts";
import { canAppend, writeLast } from "./write-last.ts";

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

const WORDS = {
  stopping: "Stopping… Press Ctrl-C again to quit at once.",
  stopped:
    "Stopped. Checkpoints that were measured to the end are in evaluations.jsonl; nothing else was changed.",
};

const MEMORIZATION_WORDS = { stopping: WORDS.stopping, stopped: "Stopped. Nothing was changed." };

/** Evaluate what the command line names. @returns the exit code. @throws UserError for everything a user can put right */
export const evaluateFrom = (invocation: Invocation): Promise<number> =>
  asksMemorization(invocation.options)
    ? interruptible(invocation.output, MEMORIZATION_WORDS, (signal) => memorizationFrom(signal, invocation))
    : interruptible(invocation.output, WORDS, (signal) => evaluateUntil(signal, invocation));

/**
 * Evaluate until `signal` aborts.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function evaluateUntil(
  signal: AbortSignal,
  { args: [run = ""], options, output }: Invocation,
): Promise<EvaluationOutcome> {
  const request = readEvaluationRequest(options);
  const { protocol } = request;
  const averaged = options.flag("ema");
  const config = await runConfig(run);
  const steps = await chosenSteps(run, options);
  const path = resolve(run, "evaluations.jsonl");
  if (!(await canAppend(path)))
    output.warning(`${shortPath(path)} cannot be written to: the numbers will only be printed.`);
  const asked = options.text("split") === undefined ? undefined : readSplit(options, "split", "all");
  const typed = options.text("data");
  const source = typed === undefined ? config.data.source : canonicalSource(typed);

  const instruments = await openInstruments(request, output, signal, await measuredWith(run));
  let store: ImageStore | undefined;
  let engine: Engine | undefined;
  try {
    const { split: trained, ...data } = config.data;
    const otherwise = typed === undefined ? trained : "all";
    const parts = { asked, wanted: protocol.reference.split, otherwise };
    store = await openReference({ ...data, source, signal }, parts, output);
    warnOfTraining(config, source, store.summary.split, output.warning);
    engine = await openRunEngine(run, options);
    const counts = sampleCounts(protocol, store.count, request.samples);
    const bench: Bench = {
      protocol,
      ...instruments,
      metrics: metricsFor(counts, instruments.metrics, request, output),
      reference: store,
      counts,
      repeats: request.repeats ?? protocol.repeats,
      onProgress: evaluationProgress(output),
      signal,
    };
    const lines: EvaluationLine[] = [];
    let written = true;
    for (const step of steps) {
      const measured = await evaluateStep(run, step, averaged, engine, bench, output);
      lines.push(measured.line);
      written &&= measured.written;
    }
    const outcome: EvaluationOutcome = { run: resolve(run), file: path, written, evaluations: lines };
    const place = written ? `added to ${shortPath(path)}` : `not written to ${shortPath(path)}`;
    const advice = evaluationAdvice(lines.at(-1)!).join("\n");
    output.result(`${lines.length > 1 ? `${summary(lines)}\n` : ""}${advice}\n${place}`, outcome);
    return outcome;
  } finally {
    await engine?.close();
    store?.close();
    await instruments.close();
  }
}

async function evaluateStep(
  run: string,
  wanted: number | undefined,
  ema: boolean | undefined,
  engine: Engine,
  bench: Bench,
  output: Invocation["output"],
): Promise<{ readonly line: EvaluationLine; readonly written: boolean }> {
  const pixels = bench.protocol.quantisation === "uint8" ? "uint8" : "float32";
  const generator = await loadGenerator(engine, run, {
    ...{ step: wanted, averaged: ema, pixels, signal: bench.signal },
    onProgress: statisticsReport(output),
  });
  try {
    for (const note of generator.notes) output.warning(note);
    const evaluation = await measureGenerator(bench, generator);
    const { step } = generator;
    const weights = generator.averaged ? "averaged" : "latest";
    const line: EvaluationLine = { kind: "evaluation", step, weights, ...evaluation, time: Date.now() };
    output.line(`step ${formatCount(step)}, ${weights} weights`);
    for (const text of evaluationLines(evaluation)) output.line(`  ${text}`);
    for (const warning of evaluation.warnings) output.warning(warning);
    // The numbers have been said by now; one place that cannot be written to does not end the others.
    const unwritten = await writeLast(output, () => appendLine(join(run, "evaluations.jsonl"), line));
    return { line, written: unwritten === undefined };
  } finally {
    await generator.sampler.release();
  }
}

/** The steps of the checkpoints to be evaluated; undefined stands for the newest whole one. */
async function chosenSteps(run: string, options: CommandOptions): Promise<(number | undefined)[]> {
  const step = options.number("step", { whole: true, min: 1 });
  const all = options.flag("all-checkpoints") === true;
  const best = options.flag("best") === true;
  if ([step !== undefined, all, best].filter(Boolean).length > 1)
    throw new UserError("--step, --best and --all-checkpoints exclude each other.", "Give one of them.");
  if (best) return [(await chooseCheckpoint(run, { best: true })).step];
  if (!all) return [step];
  const steps = await listCheckpoints(checkpointsIn(run));
  // Without any, the newest is asked for, and its absence told.
  return steps.length > 0 ? steps.reverse() : [undefined];
}

/** Test images that were trained on test nothing. */
function warnOfTraining(
  { data }: Config,
  source: string | null,
  split: string,
  warn: (text: string) => void,
): void {
  if (data.split === "all" && split === "test" && data.source === source)
    warn("The run was trained on all images, the test images among them.");
}

/** The main number of every checkpoint, one a line. */
function summary(lines: readonly EvaluationLine[]): string {
  return lines
    .map((line) => {
      const { step, metrics } = line;
      const key = isSmall(line) && metrics.kid ? "kid" : Object.keys(metrics)[0]!;
      const result = metrics[key]!;
      return `step ${formatCount(step)}: ${key} ${result.mean.toPrecision(6)}`;
    })
    .join("\n");
}
