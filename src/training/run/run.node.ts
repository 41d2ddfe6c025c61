/**
 * A training run on disk: the loop, glued to a run folder, a data store and an engine. Everything
 * the loop must keep goes into the folder; everything it needs to go on comes out of it.
 */

import { dirname, join } from "node:path";
import { sha256 } from "../../base/disk/files.node.ts";
import { makeFolder } from "../../base/disk/folders.node.ts";
import type { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { trainedOn } from "../../data/decode/mirror.ts";
import {
  type BatchSource,
  batchOrder,
  drawRandomImages,
  labelsOf,
  randomImages,
} from "../../data/store/batches.ts";
import { processUsage, residentMemory } from "../../engine/devices/cpu.node.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Steps } from "../../objectives/steps.ts";
import { automaticEvaluator, type Trial } from "../evaluation/automatic-evaluator.ts";
import { type BestBy, createEvaluator, type Evaluator, type Measure } from "../evaluation/evaluator.ts";
import { readEnd } from "../evaluation/metrics.node.ts";
import { createProber, type Probe, type Prober } from "../evaluation/prober.ts";
import type { RecordLine, TrainEvent } from "../events.ts";
import type { Change } from "../loop/control/adjustable.ts";
import { readChanges } from "../loop/control/control.node.ts";
import type { TrainResult } from "../loop/ending.ts";
import { isOverfitted, overfittingSpans } from "../loop/health/overfitting.ts";
import { rescuesOf } from "../loop/health/rescue.node.ts";
import type { Snapshot } from "../loop/recorder.ts";
import { writePng } from "../sampling/images.node.ts";
import type { DisplayedImages } from "../sampling/predictions.ts";
import { WATCHED, type WatchedImages } from "../sampling/sampling.ts";
import type { LoopConfig } from "../settings.ts";
import {
  listCheckpoints,
  type Provenance,
  saveCheckpoint,
  snapshotOf,
} from "./checkpoint/checkpoint.node.ts";
import { writeClassNames } from "./folder/class-names.node.ts";
import { differencesUnlessMoved, movedNotes } from "./folder/moved-images.node.ts";
import { changed, checkpointsIn, type RunFolder, writeConfig } from "./folder/run-folder.node.ts";
import { type ContinuedRecord, continueRecord } from "./record/continue-record.node.ts";
import { currentVersions, describeEnvironment } from "./record/environment.node.ts";
import type { TrainingSession } from "./record/environment.ts";
import { folderRecorder, rescuesFrom, unspoiledBefore } from "./record/folder-recorder.node.ts";
import { makerNotes, provenanceOf } from "./record/provenance.ts";
import { addSession, notePeakMemory } from "./record/sessions.node.ts";
import { checkSteps, type OpenRecord, type RunStorage, type TrainingData, trainRun } from "./train-run.ts";

/** What a run needs. */
export interface RunTrainingOptions {
  /** From `openRun` with the same configuration. The caller closes it. */
  readonly run: RunFolder;
  readonly config: LoopConfig;
  readonly steps: Steps;
  readonly engine: Engine;
  readonly store: TrainingData;
  /** State entries to begin with at step 0 in the place of fresh ones: those of another run. */
  readonly initial?: Readonly<Record<string, Float32Array>> | undefined;
  /** Images of the same kind that are not trained on, to see whether the discriminator overfits. */
  readonly heldOut?: BatchSource | undefined;
  /** Measures the generator while training. */
  readonly evaluation?: EvaluationSchedule | undefined;
  /** Probes the discriminator while training. */
  readonly probing?: Probing | undefined;
  /** Aborting saves a checkpoint and ends with `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined;
}

/** How and how often the generator is measured. */
export interface EvaluationSchedule {
  readonly measure: Measure;
  /**
   * Generator steps between two measurements, or as many as cost little; then a trial says what
   * they cost.
   */
  readonly every: number | { readonly trial: Trial; readonly samples: number };
  readonly keepBest: BestBy;
}

/** How and how often the discriminator is probed. */
export interface Probing {
  readonly probe: Probe;
  readonly every: number;
}

/**
 * Train, or go on training, in a run folder.
 * @throws UserError when the images are not those of the run, it has more steps than asked for, the
 * disk is full, or training diverges
 */
export async function runTraining(options: RunTrainingOptions): Promise<TrainResult> {
  const { run, config, steps, engine, store, signal } = options;
  if (store.size !== config.data.resolution)
    throw new Error(`the images are ${store.size} pixels wide, data.resolution is ${config.data.resolution}`);
  const provenance = provenanceOf(config, store, engine.arithmetic, sha256);
  const notes = [...run.notes, ...(await checkProvenance(run, config, provenance))];
  const changes = await readChanges(run.dir);
  const resume = run.checkpoint && resumeFrom(run, steps, store, config);
  const fromStep = resume?.progress.step ?? 0;
  notes.push(
    ...checkSteps(
      fromStep,
      config.training.steps,
      `Ask for more with ${option("steps")} to go on, or begin another run beside it with ${option("mode", "new")}.`,
      `Give it more with ${option("steps")} to go on.`,
    ),
  );
  if (run.kind === "forked" && resume)
    await saveCheckpoint(checkpointsIn(run.dir), resume, steps, provenance, config.training.keepCheckpoints);
  if (run.kind === "continued") notes.push(...(await failureBefore(run.dir)));
  const result = await trainRun(folderStorage(run, config, engine, changes), {
    ...{ config, steps, engine, store, resume, notes, signal },
    initial: options.initial,
    onEvent: options.onEvent,
    async parts(record) {
      const evaluator =
        options.evaluation && (await evaluatorFor(options, options.evaluation, fromStep, record));
      return {
        endsAtCollapse: (config.training.rescue ?? 0) > rescuesOf(changes),
        watched: watchedImages(store, options.heldOut, config.training.seed),
        control: record.control,
        recorder: folderRecorder({
          dir: run.dir,
          metrics: record.metrics,
          steps,
          provenance,
          keep: config.training.keepCheckpoints,
          evaluator,
          usage: processUsage(engine.process),
          unspoiled: await unspoiledBefore(run.dir, fromStep, record.lines),
          rescues: config.training.rescue ? await rescuesFrom(run.dir, config, record.lines) : undefined,
        }),
        evaluator,
        prober: options.probing && proberFor(config, options.probing, fromStep, record.lines),
      };
    },
  });
  // What was trained is saved; a note for whoever compares costs is not worth failing for.
  await notePeakMemory(run.dir, residentMemory(engine.process).peak).catch(() => undefined);
  return result;
}

/** The files of a run in its folder. */
const folderStorage = (
  run: RunFolder,
  config: LoopConfig,
  engine: Engine,
  changes: readonly Change[],
): RunStorage<FolderRecord> => ({
  addSession: (fromStep, images) => noteSession(run, engine, { fromStep, ...(images && { images }) }),
  async savePicture(name, picture) {
    const path = join(run.dir, `${name}.png`);
    await makeFolder(dirname(path));
    await writePng(path, picture);
  },
  saveClassNames: (names) => writeClassNames(run.dir, names),
  async saveConfig() {
    // A fork stands for itself from here on; killed before this, it is no run.
    if (run.kind !== "fresh") await writeConfig(run.dir, config);
  },
  async openRecord(step) {
    const record = await continueRecord(run, step, changes);
    return { ...record, append: (line) => record.metrics.append(line) };
  },
});

/** The record of a run in its folder. */
type FolderRecord = ContinuedRecord & OpenRecord;

/** What made the last session of a run fail, for whoever continues it. */
async function failureBefore(dir: string): Promise<string[]> {
  const { ended } = await readEnd(join(dir, "metrics.jsonl"));
  if (ended?.how !== "diverged" && ended?.how !== "crashed") return [];
  return [`This run ${ended.how} at step ${ended.step} before: ${ended.message}`];
}

/** The evaluator of a run, with what its record says of earlier measurements. */
async function evaluatorFor(
  { run, config, onEvent }: RunTrainingOptions,
  { measure, every, keepBest }: EvaluationSchedule,
  fromStep: number,
  { lines: record, updateSeconds }: ContinuedRecord,
): Promise<Evaluator> {
  const overfitted = overfittingSpans(record.filter((line) => line.kind === "sample"));
  const { decay, decayStart } = config.optimizer;
  const options = {
    keepBest,
    steps: config.training.steps,
    fromStep,
    decayStart: decay === "linear" || decay === "cosine" ? decayStart : undefined,
    history: record.filter((line) => line.kind === "evaluation"),
    kept: await listCheckpoints(checkpointsIn(run.dir)),
    overfitted: (step: number) => isOverfitted(overfitted, step),
  };
  if (typeof every === "number") return createEvaluator(measure, { ...options, every });
  const onTrouble = ({ message }: UserError) =>
    onEvent?.({
      ...{ kind: "warning", step: fromStep, name: "measuring", advice: "" },
      message: `Nothing is measured while training: ${message}`,
    });
  return automaticEvaluator(measure, { ...options, ...every, updateSeconds, onTrouble });
}

/**
 * Some of the images that are trained on and of those that are not; undefined where these are too
 * few to say anything.
 */
function watchedImages(
  trained: BatchSource,
  heldOut: BatchSource | undefined,
  seed: number,
): WatchedImages | undefined {
  if (heldOut === undefined || heldOut.count < WATCHED.min) return undefined;
  const some = (source: BatchSource): DisplayedImages => ({
    images: drawRandomImages(source, WATCHED.max, seed),
    labels: labelsOf(source, randomImages(source, WATCHED.max, seed)),
  });
  return { trained: some(trained), heldOut: some(heldOut) };
}

/** The prober of a run, with what its record says of earlier probes. */
function proberFor(
  { training }: LoopConfig,
  { probe, every }: Probing,
  fromStep: number,
  record: readonly RecordLine[],
): Prober {
  const plan = { every, steps: training.steps, fromStep };
  return createProber(
    probe,
    plan,
    record.filter((line) => line.kind === "probe"),
  );
}

/**
 * @returns what to tell the user.
 * @throws UserError when the checkpoint was made from other images or a changed config.json
 */
async function checkProvenance(run: RunFolder, config: LoopConfig, now: Provenance): Promise<string[]> {
  if (!run.checkpoint) return [];
  const { meta } = run.checkpoint;
  if (run.kind === "continued") {
    const differences = await differencesUnlessMoved(run, config, meta, now);
    if (differences.length > 0) throw changed(run.dir, differences);
  }
  return [...movedNotes(run), ...makerNotes(meta, now, currentVersions().quarterturn)];
}

/** The snapshot to go on from; a fork with other images begins their shuffling anew. */
function resumeFrom(run: RunFolder, steps: Steps, store: TrainingData, config: LoopConfig): Snapshot {
  const snapshot = snapshotOf(run.checkpoint!, steps);
  if (run.checkpoint!.meta.provenance.data === store.hash) return snapshot;
  const { count } = trainedOn(store, config.data.mirror);
  const start = batchOrder(count, config.training.batchSize, config.training.seed).save();
  return { ...snapshot, progress: { ...snapshot.progress, batches: start } };
}

/** Add this session to `environment.json`. */
async function noteSession(
  run: RunFolder,
  engine: Engine,
  session: Pick<TrainingSession, "fromStep" | "images">,
): Promise<void> {
  await addSession(run.dir, {
    started: new Date().toISOString(),
    ...session,
    recordsEnd: true,
    ...(run.parent !== undefined ? { forkedFrom: run.parent } : {}),
    ...(run.moved ? { movedFrom: run.moved.before as string | null } : {}),
    ...describeEnvironment(engine),
  });
}
