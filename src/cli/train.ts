/** The work of `train`: everything opened in the order in which it can fail cheaply, then the loop, then closed again. */
import { join } from "node:path";
import { readableCount } from "../base/readable.ts";
import { residentMemory } from "../engine/cpu.node.ts";
import { buildSteps } from "../objectives/build.ts";
import { describeBest, readBest } from "../training/best.node.ts";
import { Collapsed, type TrainResult } from "../training/ending.ts";
import type { StepEvent, StopReason, TrainEvent } from "../training/events.ts";
import { type Rescued, rescueRun } from "../training/rescue.node.ts";
import { rescueInWords } from "../training/rescue.ts";
import { runTraining } from "../training/run.node.ts";
import { openRun } from "../training/run-folder.node.ts";
import { openTfevents } from "../training/tfevents/writer.node.ts";
import type { Invocation } from "./command.ts";
import { finishRun } from "./finish.ts";
import { initialWeights } from "./initial-weights.ts";
import { watchInterrupts } from "./interrupt.ts";
import type { Output } from "./output.ts";
import { openResources } from "./resources.ts";
import { shortPath, withRunImages } from "./run-folder.ts";
import { writeSkipped } from "./skipped.ts";
import { readTrainRequest, type TrainRequest, withKnownClasses } from "./train-config.ts";
import { measuredBefore, openTrainEvaluation } from "./train-evaluation.ts";
import { openHeldOut } from "./train-held-out.ts";
import { prepareTraining } from "./train-prepare.ts";
import { openTrainProbing } from "./train-probe.ts";
import { createTrainReport, describeEnd } from "./train-report.ts";

/**
 * Train as the command line says, until done or interrupted.
 * @throws UserError for everything a user can put right
 */
export async function trainFrom(invocation: Invocation): Promise<TrainOutcome["reason"]> {
  const { output } = invocation;
  const request = await readTrainRequest(invocation);
  const interrupts = watchInterrupts(output);
  try {
    const serves = invocation.options.flag("studio") !== false;
    const tfevents = invocation.options.flag("tfevents") !== false;
    const { reason } = await trainAs(request, { output, serves, tfevents, signal: interrupts.signal });
    return reason;
  } finally {
    interrupts.dispose();
    // Everything is closed, the terminal too: end by the signal, as Node aborts when it cannot restore a terminal that is gone.
    if (interrupts.hungUp()) process.kill(process.pid, "SIGHUP");
  }
}

/** How training ended: the document of `train --json`. */
export interface TrainOutcome {
  readonly reason: Exclude<StopReason, "diverged">;
  readonly step: number;
  /** The run folder, absolute; what follows is missing too when it was interrupted before there was one. */
  readonly run?: string;
  /** Steps the run shall have. */
  readonly steps?: number;
  /** How long this took. */
  readonly seconds?: number;
  readonly last?: StepEvent | null;
  /** The newest grid of samples, and the newest checkpoint. */
  readonly sample?: string | null;
  readonly checkpoint?: string | null;
  /** Exports and whatever else was made of the finished run. */
  readonly made?: readonly string[];
  readonly warnings?: readonly string[];
}

/** What a rescue has done. */
const rescuedWords = ({ step, ...rescue }: Rescued): string =>
  `Rescued from the collapse: the run ${step > 0 ? `goes on from step ${readableCount(step)}, before it,` : "begins again"} with ${rescueInWords(rescue)}.`;

/** Where training reports to, and what ends it. */
export interface TrainSurroundings {
  readonly output: Output;
  /** Aborting saves, and ends with `interrupted`. */
  readonly signal: AbortSignal;
  /** Whether a studio is served meanwhile. */
  readonly serves: boolean;
  /** Whether files for TensorBoard are written. */
  readonly tfevents: boolean;
  readonly onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined;
}

/**
 * Train as a request says.
 * @throws UserError for everything a user can put right
 */
export async function trainAs(
  asked: TrainRequest,
  { output, signal, serves, tfevents, onEvent: told }: TrainSurroundings,
): Promise<TrainOutcome> {
  const started = Date.now();
  const { keep, close } = openResources();
  try {
    for (const doubt of asked.warnings) output.warning(doubt);
    // The device and the images first: a mistake in either must not leave an empty run folder behind.
    const prepared = await prepareTraining(asked, output, signal);
    const { request } = prepared;
    const { dir, mode, from } = request;
    const engine = keep(prepared.engine);
    const store = keep(prepared.store);
    let config = withKnownClasses(request, store, output);
    const placed = withRunImages(config, dir);
    const measured = await measuredBefore({ config, dir, mode, from });
    const measuring = keep(await openTrainEvaluation(placed, engine, { output, signal, measured }));
    const heldOut = await openHeldOut(placed, output, signal);
    if (heldOut) keep(heldOut);
    // Also before there is a folder; of a rescued run's networks it is opened again.
    const openProbing = () => openTrainProbing(withRunImages(config, dir), engine, output);
    let probing = await openProbing();
    keep({ close: () => probing.close() });
    let steps = buildSteps(config, engine.target);
    const initial = await initialWeights(config, steps);
    let run = keep(await openRun({ config, dir, mode, step: from }));
    const folder = shortPath(run.dir);
    const report = createTrainReport(output, folder, () => residentMemory(engine.process).now);
    const untold = ({ message }: Error): void =>
      output.warning(`No more is written for TensorBoard: ${message}`);
    const board = tfevents ? keep(openTfevents(run.dir, untold)) : undefined;
    let isServed = false;
    const onEvent = async (event: TrainEvent): Promise<void> => {
      // Loaded only when the run may go on, so that a refusal is not kept waiting.
      if (event.kind === "start" && serves && !isServed) {
        isServed = true;
        const studio = await (await import("./studio.ts")).serveBeside(run.dir, output);
        if (studio) keep(studio);
      }
      await report.onEvent(event);
      await told?.(event);
      await board?.onEvent(event);
      // Not before: until training begins, the folder may still be refused, and must not be touched then.
      const list = event.kind === "start" ? await writeSkipped(run.dir, store) : undefined;
      if (list !== undefined) output.line(`skipped ${shortPath(list)} names the files not used, and why`);
    };
    /** @returns undefined where it has collapsed and was rescued: then it goes on from before */
    const session = async (fresh: typeof initial): Promise<TrainResult | undefined> => {
      try {
        return await runTraining({
          ...{ run, config, steps, engine, store, heldOut, initial: fresh, signal, onEvent },
          evaluation: measuring.evaluation,
          probing: probing.probing,
        });
      } catch (error) {
        if (!(error instanceof Collapsed)) throw error;
        const rescued = await rescueRun(run.dir, error.step);
        await run.close();
        output.warning(rescuedWords(rescued));
        config = rescued.config;
        await probing.close();
        probing = await openProbing();
        return undefined;
      }
    };
    let result = await session(initial);
    while (!result) {
      steps = buildSteps(config, engine.target);
      run = keep(await openRun({ config, dir: run.dir }));
      result = await session(await initialWeights(config, steps));
    }

    const made =
      result.reason === "finished"
        ? await finishRun({ config, dir: run.dir, step: result.step, engine, steps })
        : [];
    for (const { path, note } of made) output.line(`made    ${shortPath(path)} (${note})`);

    const seconds = (Date.now() - started) / 1000;
    const { last, sample, checkpoint, warnings } = report.summary();
    const outcome: TrainOutcome = {
      run: run.dir,
      reason: result.reason,
      step: result.step,
      steps: config.training.steps,
      seconds,
      last: last ?? null,
      sample: sample ? join(run.dir, sample.averagedFile ?? sample.file) : null,
      checkpoint: checkpoint?.path ?? null,
      made: made.map(({ path }) => path),
      warnings,
    };
    const best = await readBest(run.dir);
    const words = best && describeBest(best);
    output.result(
      describeEnd(result.reason, result.step, config.training.steps, seconds, folder, words),
      outcome,
    );
    return outcome;
  } catch (error) {
    // Interrupted before there was anything to save.
    if (!signal.aborted || error !== signal.reason) throw error;
    const outcome: TrainOutcome = { reason: "interrupted", step: 0 };
    output.result("Stopped before training began; nothing was changed.", outcome);
    return outcome;
  } finally {
    await close();
  }
}
