/**
 * A training run on disk: the loop, glued to a run folder, a data store and an engine. Everything the loop must keep goes into the
 * folder; everything it needs to go on comes out of it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import {
  type BatchSource,
  type BatchState,
  batchOrder,
  drawRandomImages,
  labelsOf,
  randomImages,
} from "../data/batches.ts";
import { trainedOn } from "../data/mirror.ts";
import { supplyBatches } from "../data/read-ahead.ts";
import type { Engine } from "../engine/engine.ts";
import { microBatch } from "../objectives/settings.ts";
import type { Steps } from "../objectives/steps.ts";
import { automaticEvaluator, type Trial } from "./automatic-evaluator.ts";
import { listCheckpoints, type Provenance, saveCheckpoint, snapshotOf } from "./checkpoint.node.ts";
import { writeClassNames } from "./class-names.node.ts";
import { type ContinuedRecord, continueRecord } from "./continue-record.node.ts";
import { readChanges } from "./control.node.ts";
import type { TrainResult } from "./ending.ts";
import { recordingEnd } from "./ending.ts";
import { currentVersions, describeEnvironment } from "./environment.node.ts";
import { type BestBy, createEvaluator, type Evaluator, type Measure } from "./evaluator.ts";
import type { EndedEvent, RecordLine, TrainEvent } from "./events.ts";
import { sha256, writeFileWhole } from "./files.node.ts";
import { overfittingOf } from "./health.ts";
import { writePng } from "./images.node.ts";
import type { Shown } from "./judgement.ts";
import { train } from "./loop.ts";
import { type MetricsWriter, readEnd } from "./metrics.node.ts";
import { differencesUnlessMoved, movedNotes } from "./moved-images.node.ts";
import { isOverfitted, overfittingSpans } from "./overfitting.ts";
import { createProber, type Probe, type Prober } from "./prober.ts";
import { makerNotes, provenanceOf } from "./provenance.ts";
import type { Recorder, Snapshot } from "./recorder.ts";
import { changed, checkpointsIn, type RunFolder, writeConfig } from "./run-folder.node.ts";
import { imageGrid } from "./samples.ts";
import { GRID_SIZE, WATCHED, type WatchedImages } from "./sampling.ts";
import { addSession } from "./sessions.node.ts";
import type { LoopConfig } from "./settings.ts";

/** Images to train on: an `ImageStore`, as far as it is used here. */
export type TrainingData = BatchSource & {
  readonly hash: string;
  readonly classNames?: readonly string[] | undefined;
};

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
  readonly evaluation?: Evaluation | undefined;
  /** Probes the discriminator while training. */
  readonly probing?: Probing | undefined;
  /** Aborting saves a checkpoint and ends with `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined;
}

/** How and how often the generator is measured. */
export interface Evaluation {
  readonly measure: Measure;
  /** Generator steps between two measurements, or as many as cost little; then a trial says what they cost. */
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
 * @throws UserError when the images are not those of the run, it has more steps than asked for, the disk is full, or training diverges
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
  if (fromStep > config.training.steps)
    throw new UserError(
      `The run already has ${fromStep} steps, more than the ${config.training.steps} asked for.`,
      "Ask for more with --steps to go on, or begin another run beside it with --new.",
    );
  if (fromStep === config.training.steps)
    notes.push(
      `This run already has its ${config.training.steps} steps. Give it more with --steps to go on.`,
    );

  if (run.kind === "forked" && resume)
    await saveCheckpoint(checkpointsIn(run.dir), resume, steps, provenance, config.training.keepCheckpoints);
  await mkdir(join(run.dir, "samples"), { recursive: true });
  await noteSession(run, engine, fromStep);
  const reals = drawRandomImages(store, GRID_SIZE, config.training.seed);
  await writePng(join(run.dir, "samples", "reals.png"), imageGrid(reals, store.size, 8));
  const supply = supplyBatches(
    trainedOn(store, config.data.mirror),
    microBatch(config),
    (resume?.progress.batches as BatchState | undefined) ?? config.training.seed,
  );
  if (run.kind === "continued") notes.push(...(await failureBefore(run.dir)));
  const record = await continueRecord(run, resume ? fromStep : -1, changes);
  notes.push(...record.notes);
  try {
    // A fork stands for itself from here on; killed before this, it is no run.
    if (run.kind !== "fresh") await writeConfig(run.dir, config);
    if (config.data.classes > 0 && store.classNames) await writeClassNames(run.dir, store.classNames);
    const evaluator =
      options.evaluation && (await evaluatorFor(options, options.evaluation, fromStep, record));
    const told = options.onEvent;
    let step = fromStep;
    const recording = {
      append: (line: EndedEvent) => record.metrics.append(line),
      step: () => step,
      onTrouble: (message: string) => told?.({ kind: "warning", step, name: "record", message, advice: "" }),
    };
    const training = async () =>
      train({
        config,
        steps,
        engine,
        batches: supply,
        reals,
        realLabels: labelsOf(store, randomImages(store, GRID_SIZE, config.training.seed)),
        watched: watchedImages(store, options.heldOut, config.training.seed),
        control: record.control,
        recorder: folderRecorder({
          dir: run.dir,
          metrics: record.metrics,
          steps,
          provenance,
          keep: config.training.keepCheckpoints,
          evaluator,
          unspoiled: await unspoiledBefore(run.dir, fromStep, record.lines),
        }),
        evaluator,
        prober: options.probing && proberFor(config, options.probing, fromStep, record.lines),
        resume,
        initial: options.initial,
        signal,
        onEvent: async (event) => {
          step = event.step;
          await told?.(event);
          if (event.kind !== "start") return;
          for (const message of notes)
            await told?.({ kind: "warning", step: fromStep, name: "resume", message, advice: "" });
        },
      });
    return await recordingEnd(training, recording);
  } finally {
    await supply.close();
    await record.close();
  }
}

/** What made the last session of a run fail, for whoever continues it. */
async function failureBefore(dir: string): Promise<string[]> {
  const { ended } = await readEnd(join(dir, "metrics.jsonl"));
  if (ended?.how !== "diverged" && ended?.how !== "crashed") return [];
  return [`This run ${ended.how} at step ${ended.step} before: ${ended.message}`];
}

/** The evaluator of a run, with what its record says of earlier measurements. */
async function evaluatorFor(
  { run, config, onEvent }: RunTrainingOptions,
  { measure, every, keepBest }: Evaluation,
  fromStep: number,
  { lines: record, updateSeconds }: ContinuedRecord,
): Promise<Evaluator> {
  const overfitted = overfittingSpans(record.filter((line) => line.kind === "sample"));
  const { decay, decayStart } = config.optimizer;
  const options = {
    keepBest,
    steps: config.training.steps,
    fromStep,
    decayStart: decay === "linear" ? decayStart : undefined,
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

/** The newest checkpoint from before anything spoke for overfitting; undefined where there is none. */
async function unspoiledBefore(
  dir: string,
  fromStep: number,
  record: readonly RecordLine[],
): Promise<number | undefined> {
  const last = overfittingSpans(record.filter((line) => line.kind === "sample")).at(-1);
  const end = last !== undefined && last.until === undefined ? last.since : fromStep + 1;
  return (await listCheckpoints(checkpointsIn(dir))).find((step) => step < end);
}

/** Some of the images that are trained on and of those that are not; undefined where these are too few to say anything. */
function watchedImages(
  trained: BatchSource,
  heldOut: BatchSource | undefined,
  seed: number,
): WatchedImages | undefined {
  if (heldOut === undefined || heldOut.count < WATCHED.least) return undefined;
  const some = (source: BatchSource): Shown => ({
    images: drawRandomImages(source, WATCHED.most, seed),
    labels: labelsOf(source, randomImages(source, WATCHED.most, seed)),
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

/** What a recorder writes with. */
interface FolderRecorderParts {
  readonly dir: string;
  readonly metrics: MetricsWriter;
  readonly steps: Steps;
  readonly provenance: Provenance;
  /** Checkpoints kept. */
  readonly keep: number;
  readonly evaluator: Evaluator | undefined;
  /** The newest checkpoint from before the discriminator overfitted. */
  readonly unspoiled: number | undefined;
}

/** A recorder into a run folder. */
function folderRecorder(parts: FolderRecorderParts): Recorder {
  const { dir, metrics, steps, provenance, keep, evaluator } = parts;
  let { unspoiled } = parts;
  return {
    record: (line) => metrics.append(line),
    async savePicture(name, picture) {
      const file = `${name}.png`;
      await writePng(join(dir, file), picture);
      return file;
    },
    async saveDocument(name, document) {
      const file = `${name}.json`;
      await writeFileWhole(join(dir, file), JSON.stringify(document));
      return file;
    },
    async saveSnapshot(snapshot) {
      // The record up to here must last as long as the checkpoint does.
      metrics.sync();
      const { step, health } = snapshot.progress;
      const best = evaluator?.best();
      if (overfittingOf(health) === undefined) unspoiled = step;
      const spared = [best?.step, unspoiled].filter((one) => one !== undefined);
      const path = await saveCheckpoint(checkpointsIn(dir), snapshot, steps, provenance, keep, spared);
      if (best?.step === step)
        await writeFileWhole(join(dir, "best.json"), `${JSON.stringify(best, null, 2)}\n`);
      return path;
    },
  };
}

/** @returns what to tell the user. @throws UserError when the checkpoint was made from other images or a changed config.json */
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
async function noteSession(run: RunFolder, engine: Engine, fromStep: number): Promise<void> {
  await addSession(run.dir, {
    started: new Date().toISOString(),
    fromStep,
    recordsEnd: true,
    ...(run.parent !== undefined ? { forkedFrom: run.parent } : {}),
    ...(run.moved ? { movedFrom: run.moved.before as string | null } : {}),
    ...describeEnvironment(engine),
  });
}
