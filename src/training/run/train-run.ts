/**
 * A training run, wherever its files are: the procedure around the loop. What a place offers is a
 * `RunStorage`; run.node.ts has that of a folder, memory-run.ts that of memory.
 */
import { UserError } from "../../base/errors.ts";
import { trainedOn } from "../../data/decode/mirror.ts";
import {
  type BatchSource,
  type BatchState,
  drawRandomImages,
  labelsOf,
  randomImages,
} from "../../data/store/batches.ts";
import { supplyBatches } from "../../data/store/read-ahead.ts";
import type { DataSummary } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import { microBatch } from "../../objectives/settings.ts";
import type { Steps } from "../../objectives/steps.ts";
import type { RecordLine, TrainEvent } from "../events.ts";
import { recordingEnd, type TrainResult } from "../loop/ending.ts";
import { type TrainOptions, train } from "../loop/loop.ts";
import type { Recorder, Snapshot } from "../loop/recorder.ts";
import { imageGrid, type Picture } from "../sampling/samples.ts";
import { GRID_SIZE } from "../sampling/sampling.ts";
import type { LoopConfig } from "../settings.ts";
import type { SessionImages } from "./record/environment.ts";

/** Images to train on: an `ImageStore`, as far as it is used here. */
export type TrainingData = BatchSource & {
  readonly hash: string;
  readonly classNames?: readonly string[] | undefined;
  /** What the images are called. */
  readonly summary?: Pick<DataSummary, "name">;
};

/** The record of a run, cut back to the step it goes on from and open for more. */
export interface OpenRecord {
  /** What the user should be told. */
  readonly notes: readonly string[];
  append(line: RecordLine): Promise<void>;
  close(): Promise<void>;
}

/**
 * Where a run's files are. When a method has returned, what it wrote is there for the next session.
 */
export interface RunStorage<R extends OpenRecord> {
  /** Put this session on record, which begins after `fromStep` steps. */
  addSession(fromStep: number, images: SessionImages | undefined): Promise<void>;
  /** Keep a picture. @param name its path below the run, without extension */
  savePicture(name: string, picture: Picture): Promise<unknown>;
  saveClassNames(names: readonly string[]): Promise<void>;
  /** Keep the configuration that the run has from here on. */
  saveConfig(): Promise<void>;
  /** @param step the last one that stays on record; −1 for none */
  openRecord(step: number): Promise<R>;
}

/**
 * Parts of the loop that depend on the record: how samples, snapshots and measurements are kept.
 */
export type LoopParts = Pick<
  TrainOptions,
  "watched" | "endsAtCollapse" | "control" | "evaluator" | "prober"
> & {
  readonly recorder: Recorder;
};

/** What a run needs beside its storage. */
export interface RunOptions<R extends OpenRecord> {
  readonly config: LoopConfig;
  readonly steps: Steps;
  readonly engine: Engine;
  readonly store: TrainingData;
  /** Where to go on; undefined at the beginning. */
  readonly resume: Snapshot | undefined;
  /** State entries to begin with at step 0 in the place of fresh ones: those of another run. */
  readonly initial?: Readonly<Record<string, Float32Array>> | undefined;
  /** What the user should be told when training begins. */
  readonly notes: readonly string[];
  /** Make the other parts of the loop, when the record is open. */
  parts(record: R): Promise<LoopParts>;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined;
}

/**
 * Check that a run can have as many steps as are asked for.
 * @param hint what to do where it has more
 * @param again how to ask for more
 * @returns what the user should be told: that it has them already
 * @throws UserError when it has more
 */
export function checkSteps(fromStep: number, wanted: number, hint: string, again: string): string[] {
  if (fromStep > wanted)
    throw new UserError(`The run already has ${fromStep} steps, more than the ${wanted} asked for.`, hint);
  return fromStep === wanted ? [`This run already has its ${wanted} steps. ${again}`] : [];
}

/**
 * Train, or go on training.
 * @throws UserError when a file cannot be written, or training diverges
 */
export async function trainRun<R extends OpenRecord>(
  storage: RunStorage<R>,
  options: RunOptions<R>,
): Promise<TrainResult> {
  const { config, steps, engine, store, resume, signal, onEvent } = options;
  const { seed } = config.training;
  const fromStep = resume?.progress.step ?? 0;
  await storage.addSession(fromStep, store.summary && { name: store.summary.name, count: store.count });
  const reals = drawRandomImages(store, GRID_SIZE, seed);
  await storage.savePicture("samples/reals", imageGrid(reals, store.size, 8));
  const supply = supplyBatches(
    trainedOn(store, config.data.mirror),
    microBatch(config),
    (resume?.progress.batches as BatchState | undefined) ?? seed,
  );
  try {
    const record = await storage.openRecord(resume ? fromStep : -1);
    try {
      await storage.saveConfig();
      if (config.data.classes > 0 && store.classNames) await storage.saveClassNames(store.classNames);
      let step = fromStep;
      const warn = (name: string, message: string, at: number) =>
        onEvent?.({ kind: "warning", step: at, name, message, advice: "" });
      const training = async () =>
        train({
          ...{ config, steps, engine, reals, resume, signal, batches: supply },
          ...(await options.parts(record)),
          realLabels: labelsOf(store, randomImages(store, GRID_SIZE, seed)),
          initial: options.initial,
          onEvent: async (event) => {
            step = event.step;
            await onEvent?.(event);
            if (event.kind !== "start") return;
            for (const message of [...options.notes, ...record.notes])
              await warn("resume", message, fromStep);
          },
        });
      return await recordingEnd(training, {
        append: (line) => record.append(line),
        step: () => step,
        onTrouble: (message) => warn("record", message, step),
      });
    } finally {
      await record.close();
    }
  } finally {
    await supply.close();
  }
}
