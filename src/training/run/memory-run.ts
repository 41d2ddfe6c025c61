/**
 * A training run whose folder is in memory: what run.node.ts is on a disk, for a browser's worker.
 * The files are the same, byte for byte where that is possible, so that a run goes on in either
 * place (archive.ts carries it over).
 */
import { UserError } from "../../base/errors.ts";
import { checkedJson } from "../../base/schema.ts";
import { sha256Hex } from "../../data/decode/image-hash.ts";
import { TAKE_AGAIN } from "../../data/run-images.ts";
import type { ImageStore } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Steps } from "../../objectives/steps.ts";
import type { RecordLine, TrainEvent } from "../events.ts";
import type { Change } from "../loop/control/adjustable.ts";
import { type Control, parseChanges, recordedChanges } from "../loop/control/control.ts";
import type { TrainResult } from "../loop/ending.ts";
import type { Recorder, Snapshot } from "../loop/recorder.ts";
import { pngOf } from "../sampling/png.ts";
import type { LoopConfig } from "../settings.ts";
import {
  type Checkpoint,
  checkpointName,
  decodeCheckpoint,
  encodeMeta,
  encodeTensors,
  snapshotOf,
} from "./checkpoint/checkpoint-format.ts";
import { type FileDigest, type Provenance, STATE, WEIGHTS } from "./checkpoint/checkpoint-schema.ts";
import type { ArchivedRun, RunFiles } from "./folder/archive.ts";
import {
  environmentSchema,
  type RunEnvironment,
  type TrainingSession,
  type Versions,
} from "./record/environment.ts";
import { makerNotes, provenanceDifferences, provenanceOf } from "./record/provenance.ts";
import { isKept, parseRecord } from "./record/record-lines.ts";
import { checkSteps, type OpenRecord, type RunStorage, trainRun } from "./train-run.ts";

/** What trains a run in memory. */
export interface MemoryTraining {
  /** Its files are changed in place. */
  readonly run: ArchivedRun;
  readonly config: LoopConfig;
  readonly steps: Steps;
  readonly engine: Engine;
  readonly store: ImageStore;
  /** Versions by name: `quarterturn`, and what computes. */
  readonly versions: Versions;
  /** Where this is, for `environment.json`. */
  readonly platform: string;
  /** Commands for the training; `changes` and `keep` are added here. */
  readonly control?: Pick<Control, "take" | "wait" | "publish"> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined;
}

const CHECKPOINT = /^checkpoints\/(\d{7,})\//;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string => (bytes ? new TextDecoder().decode(bytes) : "");
const json = (value: unknown): Uint8Array => encode(`${JSON.stringify(value, null, 2)}\n`);

/** Steps of the checkpoints among the files of a run, the newest first. */
export function checkpointSteps(files: RunFiles): number[] {
  const steps = new Set([...files.keys()].map((path) => CHECKPOINT.exec(path)?.[1]));
  return [...steps].flatMap((step) => (step === undefined ? [] : [Number(step)])).sort((a, b) => b - a);
}

/**
 * The newest checkpoint of a run in memory; undefined when there is none.
 * @throws UserError when it is damaged
 */
export async function newestIn(files: RunFiles): Promise<Checkpoint | undefined> {
  const step = checkpointSteps(files)[0];
  if (step === undefined) return undefined;
  const path = `checkpoints/${checkpointName(step)}`;
  const read = (file: string): Uint8Array => {
    const bytes = files.get(`${path}/${file}`);
    if (!bytes) throw new UserError(`${path}/${file} is missing.`, TAKE_AGAIN);
    return bytes;
  };
  return decodeCheckpoint(path, read, sha256Hex);
}

/**
 * Train, or go on training, a run in memory.
 * @throws UserError when the images or the configuration are not those of its checkpoint, it has
 * its steps already, or training diverges
 */
export async function trainInMemory(training: MemoryTraining): Promise<TrainResult> {
  const { run, config, steps, engine, store, signal } = training;
  const { files } = run;
  const provenance = provenanceOf(config, store, engine.arithmetic, sha256Hex);
  const checkpoint = await newestIn(files);
  const differences = checkpoint ? provenanceDifferences(checkpoint.meta, provenance) : [];
  if (differences.length > 0)
    throw new UserError(
      `The run ${run.name} was made with another configuration or other images: ${differences.join("; ")}.`,
      "Give it the images it was trained on, or begin a new run.",
    );
  const resume = checkpoint && snapshotOf(checkpoint, steps);
  const fromStep = resume?.progress.step ?? 0;
  const notes = [
    ...checkSteps(fromStep, config.training.steps, "Ask for more steps to go on.", "Ask for more to go on."),
    ...(checkpoint ? makerNotes(checkpoint.meta, provenance, training.versions.quarterturn) : []),
  ];
  return trainRun(memoryStorage(training), {
    ...{ config, steps, engine, store, resume, notes, signal },
    onEvent: training.onEvent,
    parts: async ({ lines, text, flush }) => ({
      control: training.control && controlOf(training.control, files, lines),
      recorder: memoryRecorder(training, provenance, text, flush),
    }),
  });
}

/** A record in memory. */
interface MemoryRecord extends OpenRecord {
  /** Up to the step that the run goes on from. */
  readonly lines: readonly RecordLine[];
  /** Those and all that follow, as they are written. */
  readonly text: string[];
  /** Put them among the files. */
  flush(): void;
}

/** The files of a run in memory. */
function memoryStorage(training: MemoryTraining): RunStorage<MemoryRecord> {
  const { config } = training;
  const { files } = training.run;
  return {
    addSession: async (fromStep, images) => noteSession(training, { fromStep, ...(images && { images }) }),
    savePicture: async (name, picture) => void files.set(`${name}.png`, pngOf(picture)),
    saveClassNames: async (names) => void files.set("classes.json", json(names)),
    saveConfig: async () => void files.set("config.json", json(config)),
    async openRecord(step) {
      const lines = recordUpTo(decode(files.get("metrics.jsonl")), step);
      const text = lines.map((line) => `${JSON.stringify(line)}\n`);
      const flush = (): void => void files.set("metrics.jsonl", encode(text.join("")));
      return {
        ...{ lines, text, flush, notes: [] },
        append: async (line) => void text.push(`${JSON.stringify(line)}\n`),
        close: async () => flush(),
      };
    },
  };
}

function memoryRecorder(
  { run, config, steps, versions }: MemoryTraining,
  provenance: Provenance,
  record: string[],
  flush: () => void,
): Recorder {
  const { files } = run;
  return {
    async record(line) {
      record.push(`${JSON.stringify(line)}\n`);
    },
    async savePicture(name, picture) {
      files.set(`${name}.png`, pngOf(picture));
      return `${name}.png`;
    },
    async saveDocument(name, document) {
      files.set(`${name}.json`, encode(JSON.stringify(document)));
      return `${name}.json`;
    },
    async saveSnapshot(snapshot) {
      flush();
      const path = `checkpoints/${checkpointName(snapshot.progress.step)}`;
      putCheckpoint(files, path, snapshot, steps, provenance, versions);
      for (const step of checkpointSteps(files).slice(Math.max(1, config.training.keepCheckpoints)))
        for (const name of [...files.keys()])
          if (name.startsWith(`checkpoints/${checkpointName(step)}/`)) files.delete(name);
      return path;
    },
  };
}

/** Put a snapshot among the files. */
function putCheckpoint(
  files: Map<string, Uint8Array>,
  path: string,
  snapshot: Snapshot,
  steps: Pick<Steps, "layout">,
  provenance: Provenance,
  versions: Versions,
): void {
  const contents = encodeTensors(snapshot, steps);
  const put = (file: typeof WEIGHTS | typeof STATE): FileDigest => {
    const bytes = joined(contents[file]);
    files.set(`${path}/${file}`, bytes);
    return { bytes: bytes.length, sha256: sha256Hex(bytes) };
  };
  const digests = { [WEIGHTS]: put(WEIGHTS), [STATE]: put(STATE) };
  const { progress } = snapshot;
  files.set(`${path}/meta.json`, encodeMeta({ progress, provenance, versions, files: digests }, sha256Hex));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/**
 * The lines of a record up to `step` (-1: none); what comes after the last of them is done again.
 */
function recordUpTo(text: string, step: number): RecordLine[] {
  const lines = [...parseRecord(text).lines];
  while (lines.length > 0 && !isKept(lines.at(-1)!, step)) lines.pop();
  return lines;
}

/** A whole control: what was changed is kept in `changes.json`, as control.node.ts does. */
function controlOf(
  given: NonNullable<MemoryTraining["control"]>,
  files: Map<string, Uint8Array>,
  record: readonly RecordLine[],
): Control {
  const changes = changesIn(files);
  return {
    ...given,
    changes,
    recorded: recordedChanges(record),
    persist: async (all) => void files.set("changes.json", json({ changes: all })),
  };
}

/** What was changed while the run went on. @throws UserError when the file is damaged */
function changesIn(files: RunFiles): readonly Change[] {
  const kept = files.get("changes.json");
  return kept ? parseChanges(decode(kept), "changes.json", TAKE_AGAIN) : [];
}

/** Add this session to `environment.json`. */
function noteSession(
  { run, engine, versions, platform }: MemoryTraining,
  begun: Pick<TrainingSession, "fromStep" | "images">,
): void {
  const file = run.files.get("environment.json");
  const checked = { where: "environment.json", hint: TAKE_AGAIN };
  const { sessions } = file ? checkedJson(environmentSchema, decode(file), checked) : { sessions: [] };
  const session: TrainingSession = {
    started: new Date().toISOString(),
    ...begun,
    recordsEnd: true,
    ...{ versions, platform, engine: engine.description, device: engine.device, threads: engine.threads },
  };
  const environment: RunEnvironment = { sessions: [...sessions, session] };
  run.files.set("environment.json", json(environment));
}
