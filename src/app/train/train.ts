/**
 * The use case `train`: everything opened in the order in which it can fail cheaply, then the loop,
 * then closed again.
 */
import { join } from "node:path";
import { buildSteps } from "../../objectives/build.ts";
import type { StepEvent, StopReason, TrainEvent } from "../../training/events.ts";
import { Collapsed, type TrainResult } from "../../training/loop/ending.ts";
import { rescueRun } from "../../training/loop/health/rescue.node.ts";
import { openRun } from "../../training/run/folder/run-folder.node.ts";
import { runTraining } from "../../training/run/run.node.ts";
import { openTfevents } from "../../training/tfevents/writer.node.ts";
import type { Context } from "../context.ts";
import { openResources } from "../support/resources.ts";
import { withRunImages } from "../support/run-folder.ts";
import { prepareTraining } from "./choose-recipe.ts";
import { measuredBefore, openTrainEvaluation } from "./evaluation.ts";
import { openHeldOut } from "./held-out.ts";
import { initialWeights } from "./initial-weights.ts";
import type { TrainOptions } from "./options.ts";
import { finishRun } from "./post-training.ts";
import { openTrainProbing } from "./probing.ts";
import { readTrainRequest, withKnownClasses } from "./request.ts";
import { writeSkipped } from "./skipped-files.ts";
import { summarizeTraining } from "./summary.ts";

/** How training ended: the document of `train --json`. */
export interface TrainOutcome {
  readonly reason: Exclude<StopReason, "diverged">;
  readonly step: number;
  /**
   * The run folder, absolute; what follows is missing too when it was interrupted before there was
   * one.
   */
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

/**
 * Train a GAN, or go on training one. Aborting finishes the step under way, saves, and ends with
 * `interrupted`. Events of the training are awaited.
 * @throws UserError for everything a user can put right
 */
export async function train(options: TrainOptions, context: Context): Promise<TrainOutcome> {
  const { report, signal } = context;
  const started = Date.now();
  const { use, close } = openResources();
  try {
    const asked = await readTrainRequest(options);
    for (const message of asked.warnings) void report({ kind: "warning", message });
    // The device and the images first: a mistake in either must not leave an empty run folder behind.
    const prepared = await prepareTraining(asked, context);
    const { request } = prepared;
    const { dir, mode, from } = request;
    const engine = use(prepared.engine);
    const store = use(prepared.store);
    let config = withKnownClasses(request, store, report);
    const placed = withRunImages(config, dir);
    const measured = await measuredBefore({ config, dir, mode, from });
    const measuring = use(await openTrainEvaluation(placed, engine, { report, signal, measured }));
    const heldOut = await openHeldOut(placed, context);
    if (heldOut) use(heldOut);
    // Also before there is a folder; of a rescued run's networks it is opened again.
    const openProbing = () => openTrainProbing(withRunImages(config, dir), engine, context);
    let probing = await openProbing();
    use({ close: () => probing.close() });
    let steps = buildSteps(config, engine.target);
    const initial = await initialWeights(config, steps);
    let run = use(await openRun({ config, dir, mode, step: from }));
    const { hear, summary } = summarizeTraining();
    const untold = ({ message }: Error): void =>
      void report({ kind: "warning", message: `No more is written for TensorBoard: ${message}` });
    const board = options.tfevents === false ? undefined : use(openTfevents(run.dir, untold));
    const onEvent = async (event: TrainEvent): Promise<void> => {
      hear(event);
      await report({ kind: "training", dir: run.dir, process: engine.process, event });
      await board?.onEvent(event);
      // Not before: until training begins, the folder may still be refused, and must not be touched then.
      const path = event.kind === "start" ? await writeSkipped(run.dir, store) : undefined;
      if (path !== undefined) void report({ kind: "file", what: "skipped", path });
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
        void report({ kind: "rescue", rescued });
        config = rescued.config;
        await probing.close();
        probing = await openProbing();
        return undefined;
      }
    };
    let result = await session(initial);
    while (!result) {
      steps = buildSteps(config, engine.target);
      run = use(await openRun({ config, dir: run.dir }));
      result = await session(await initialWeights(config, steps));
    }

    const made =
      result.reason === "finished"
        ? await finishRun({ config, dir: run.dir, step: result.step, engine, steps })
        : [];
    for (const file of made) void report({ kind: "file", what: "made", ...file });

    const seconds = (Date.now() - started) / 1000;
    const { last, sample, checkpoint, warnings } = summary();
    return {
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
  } catch (error) {
    // Interrupted before there was anything to save.
    if (!signal.aborted || error !== signal.reason) throw error;
    return { reason: "interrupted", step: 0 };
  } finally {
    await close();
  }
}
