/**
 * `events.out.tfevents.…` in a run folder: a view on the record for TensorBoard, which `tensorboard
 * --logdir runs` opens while the run trains and afterwards. A file a session; when a run is
 * continued, the new file tells readers to forget the steps that are done again. What was recorded
 * before there was such a file (an older run, the parent of a fork) is written down first. The
 * files are in the run folder itself: TensorBoard names runs by their folders, and takes a folder
 * with "tfevents" in its name for a file.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { errorCode, explainWriteError } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { readMetrics } from "../evaluation/metrics.node.ts";
import type { RecordLine, TrainEvent } from "../events.ts";
import { readSampleFile } from "../sampling/sample-files.node.ts";
import { startRecord, summaryRecord, type TaggedValue, versionRecord } from "./records.ts";
import { evaluationValues, probeValues, samplePictures, sampleValues, stepValues } from "./values.ts";

/** TensorBoard shows a thousand points of a curve; more than this many steps are thinned. */
export const MAX_STEPS = 10_000;

const PREFIX = "events.out.tfevents.";

/** Names of a run's event files, in the order of the sessions. */
export const tfeventsOf = async (run: string): Promise<string[]> =>
  (await readdir(run)).filter((name) => name.startsWith(PREFIX)).sort();

/** A view on a run for TensorBoard. */
export interface TfeventsView {
  /** Takes in every event of the loop. */
  onEvent(event: TrainEvent): Promise<void>;
  /** Safe to call twice. */
  close(): void;
}

/**
 * A view on the run in a folder; nothing is written before it starts.
 * @param onFailure told, once, why no more is written (a full disk): a view is no reason to stop a
 * run
 */
export function openTfevents(run: string, onFailure: (reason: Error) => void): TfeventsView {
  let file: EventFile | undefined;
  let every = 1;
  let last = 0;
  const take = async (event: TrainEvent): Promise<void> => {
    if (event.kind === "start") {
      every = Math.max(1, Math.ceil(event.steps / MAX_STEPS));
      last = event.steps;
      file = await beginSession(run, event.step, every);
    } else if (event.kind === "step") {
      if (event.step % every === 0 || event.step === last) await file?.line(event, event.time);
    } else if (event.kind === "sample" || event.kind === "evaluation" || event.kind === "probe")
      await file?.line(event, Date.now());
  };
  return {
    async onEvent(event) {
      try {
        await take(event);
      } catch (error) {
        file?.close();
        file = undefined;
        if (!(error instanceof UserError) && errorCode(error) === undefined) throw error;
        onFailure(error as Error);
      }
    },
    close: () => file?.close(),
  };
}

/** Open a new file for what comes after `fromStep`. */
async function beginSession(run: string, fromStep: number, every: number): Promise<EventFile> {
  const earlier = await tfeventsOf(run);
  const file = await openEventFile(run, join(run, nameAfter(earlier)));
  try {
    await file.append(versionRecord(now()));
    if (earlier.length === 0) await writeHistory(run, file, every);
    else await file.append(startRecord(now(), fromStep === 0 ? 0 : fromStep + 1));
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}

/**
 * Write what the record of a run says so far.
 * @param every only every n-th step
 */
async function writeHistory(run: string, file: EventFile, every: number): Promise<void> {
  const { lines } = await readMetrics(join(run, "metrics.jsonl"));
  let time = lines.find((line) => line.kind === "step")?.time ?? Date.now();
  for (const line of lines) {
    if (line.kind === "step") time = line.time;
    if (line.kind !== "step" || line.step % every === 0) await file.line(line, time);
  }
}

interface EventFile {
  append(record: Uint8Array): Promise<void>;
  /** @param time milliseconds since 1970 */
  line(line: RecordLine, time: number): Promise<void>;
  close(): void;
}

async function openEventFile(run: string, path: string): Promise<EventFile> {
  let file: number;
  try {
    file = openSync(path, "ax");
  } catch (error) {
    throw await explainWriteError(error, path, 0);
  }
  let open = true;
  const append = async (record: Uint8Array): Promise<void> => {
    try {
      for (let done = 0; done < record.length; ) done += writeSync(file, record, done);
    } catch (error) {
      throw await explainWriteError(error, path, record.length);
    }
  };
  return {
    append,
    async line(line, time) {
      const values = await valuesOf(run, line);
      if (values.length > 0) await append(summaryRecord(time / 1000, line.step, values));
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

async function valuesOf(run: string, line: RecordLine): Promise<TaggedValue[]> {
  if (line.kind === "step") return stepValues(line);
  if (line.kind === "evaluation") return evaluationValues(line);
  if (line.kind === "probe") return probeValues(line);
  if (line.kind === "warning" || line.kind === "change" || line.kind === "ended") return [];
  const pictures = await Promise.all(
    Object.entries(samplePictures(line)).map(([tag, name]) => pictureValue(run, tag, name)),
  );
  return [...sampleValues(line), ...pictures.filter((picture) => picture !== undefined)];
}

/**
 * A picture of the run as TensorBoard shows it; undefined where somebody has deleted or replaced
 * it.
 */
async function pictureValue(run: string, tag: string, name: string): Promise<TaggedValue | undefined> {
  const png = await readSampleFile(run, name).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  // The header of a PNG file: eight bytes, length and name of the first chunk, then width and height.
  return png && { tag, png, width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/** Readers take files in the order of their names: seconds, then what tells processes apart. */
function nameAfter(earlier: readonly string[]): string {
  // A clock that was set back must not put a later session before an earlier one.
  const latest = Math.max(0, ...earlier.map((name) => Number.parseInt(name.slice(PREFIX.length), 10) || 0));
  const seconds = Math.max(Math.floor(now()), latest + 1);
  return `${PREFIX}${String(seconds).padStart(10, "0")}.${hostname()}.${process.pid}.0`;
}

const now = (): number => Date.now() / 1000;
