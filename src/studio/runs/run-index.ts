/**
 * What the record of a run says, read incrementally: only what was appended since the last look is
 * parsed. Curves are gathered in buckets, rare lines are kept, so memory does not grow with the
 * length of a run. JSON, to be kept on the disk.
 */
import { LONGEST_LINE } from "../../base/disk/lines.node.ts";
import { type QuantityValues, quantitiesOfStep, RECENT_STEPS } from "../../base/quantities.ts";
import type {
  EndedEvent,
  EvaluationEvent,
  ProbeEvent,
  SampleEvent,
  StepEvent,
  WarningEvent,
} from "../../training/events.ts";
import type { Change } from "../../training/loop/control/adjustable.ts";
import { openOwn } from "../../training/run/folder/own-files.node.ts";
import { parseRecordLine } from "../../training/run/record/record-lines.ts";
import { isWhole } from "../record/line-shapes.ts";
import { addStep, emptySeries, type StepSeries } from "../record/series.ts";

/** Bytes read at a time: other requests are answered in between. */
const CHUNK = 1 << 22;
/** Lines of a kind that are kept; of more, every second is dropped. */
const MAX_LINES = 4000;
/** Names that are joined once. */
const MAX_NAMES = 200;
/** Bytes before the end of what was read by which it is known again. */
const MARK = 256;
const NEWLINE = 10;
/** Numbers of a step that belong to neither network. */
const OWN_CURVES: ReadonlySet<string> = new Set([
  ...["learningRate", "discriminatorLearningRate", "alpha", "beta"],
  ...["stepSeconds", "imagesPerSecond"],
]);

/** A record as far as it was read. */
export interface RunIndex {
  /** Bytes read: up to the end of a whole line. */
  offset: number;
  /** The last bytes of them. */
  mark: string;
  /**
   * Whether they end within a line that is too long to be looked at; what is left of it is passed
   * over too.
   */
  inLongLine: boolean;
  /** How often the record was found to be another one than before. */
  generation: number;
  /** Counts changes to everything but the curves. */
  revision: number;
  series: StepSeries;
  lastStep: number;
  /** Step and time in milliseconds of the latest steps. */
  latest: [step: number, time: number][];
  /** What people read of each of the latest steps. */
  recent: QuantityValues[];
  samples: SampleEvent[];
  evaluations: EvaluationEvent[];
  probes: ProbeEvent[];
  warnings: WarningEvent[];
  changes: Change[];
  /** How the run ended, if that is the last line. */
  ended?: EndedEvent;
}

/** Of an empty record. */
export const emptyIndex = (generation = 0, revision = 0): RunIndex => ({
  ...{ offset: 0, mark: "", inLongLine: false, generation, revision, series: emptySeries(), lastStep: 0 },
  ...{ latest: [], recent: [], samples: [], evaluations: [], probes: [], warnings: [], changes: [] },
});

/**
 * Read on where the last look ended.
 * @returns the index: the same one, filled; or a new one when the record is shorter or another one
 *   than before (the run was continued from a checkpoint)
 */
export async function readOn(index: RunIndex, path: string): Promise<RunIndex> {
  const file = await openOwn(path);
  if (!file) return index.offset === 0 ? index : emptyIndex(index.generation + 1, index.revision + 1);
  try {
    const { size } = await file.stat();
    let current = index;
    if (index.offset > 0) {
      const mark = Buffer.alloc(index.mark.length);
      if (size >= index.offset) await file.read(mark, 0, mark.length, index.offset - mark.length);
      if (mark.toString("latin1") !== index.mark)
        current = emptyIndex(index.generation + 1, index.revision + 1);
    }
    while (current.offset < size) {
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, size - current.offset));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, current.offset);
      const read = bytes.subarray(0, bytesRead);
      let end = read.lastIndexOf(NEWLINE) + 1;
      if (end > 0) {
        takeLines(current, read.toString("utf8", current.inLongLine ? read.indexOf(NEWLINE) + 1 : 0, end));
        current.inLongLine = false;
      } else if (current.inLongLine || bytesRead > LONGEST_LINE) {
        current.inLongLine = true;
        end = bytesRead;
      }
      // What is left is a line that is not whole yet.
      if (end === 0) break;
      current.offset += end;
      current.mark = read.toString("latin1", Math.max(0, end - MARK), end);
    }
    return current;
  } finally {
    await file.close();
  }
}

/**
 * Take in whole lines. Those that cannot be read, or are of a kind that is not known here, are
 * passed over.
 */
export function takeLines(index: RunIndex, text: string): void {
  for (let start = 0; start < text.length; ) {
    // A damaged file may consist of newlines.
    if (text[start] === "\n") {
      start++;
      continue;
    }
    const end = text.indexOf("\n", start);
    takeLine(index, text.slice(start, end));
    start = end + 1;
  }
}

function takeLine(index: RunIndex, text: string): void {
  const line = parseRecordLine(text);
  if (!line) return;
  delete index.ended;
  if (line.kind === "step") {
    takeStep(index, line);
    return;
  }
  if (!isWhole(line)) return;
  index.revision++;
  switch (line.kind) {
    case "sample":
      // A grid made anew takes the place of the one of its step.
      if (index.samples.at(-1)?.step === line.step) index.samples.pop();
      keep(index.samples, line);
      break;
    case "evaluation":
      keep(index.evaluations, line);
      break;
    case "probe":
      keep(index.probes, line);
      break;
    case "warning":
      keep(index.warnings, line);
      break;
    case "change":
      keep(index.changes, line);
      break;
    case "ended":
      index.ended = line;
  }
}

function takeStep(index: RunIndex, line: StepEvent): void {
  index.lastStep = line.step;
  const values: Record<string, number> = {};
  for (const key in line) {
    const value: unknown = line[key as keyof StepEvent];
    if (typeof value === "number") {
      // Names come from a file: what is not known here might be one that every object has.
      if (OWN_CURVES.has(key)) values[key] = value;
    } else if ((key === "discriminator" || key === "generator") && typeof value === "object") {
      const numbers = value as Readonly<Record<string, unknown>> | null;
      for (const name in numbers) {
        const number = numbers[name];
        if (typeof number === "number") values[pathOf(key, name)] = number;
      }
    }
  }
  addStep(index.series, line.step, values);
  index.recent.push(quantitiesOfStep({ ...line }));
  if (index.recent.length > RECENT_STEPS) index.recent.shift();
  if (!Number.isFinite(line.time)) return;
  index.latest.push([line.step, line.time]);
  if (index.latest.length > RECENT_STEPS) index.latest.shift();
}

const paths = { discriminator: new Map<string, string>(), generator: new Map<string, string>() };

/** `discriminator.loss`, made once: a record has a hundred thousand of them. */
function pathOf(network: keyof typeof paths, name: string): string {
  let path = paths[network].get(name);
  if (path === undefined) {
    path = `${network}.${name}`;
    // Names come from files; nobody is to fill the memory with them.
    if (paths[network].size < MAX_NAMES) paths[network].set(name, path);
  }
  return path;
}

/** Keep a line; when there are too many, every second goes, but for the newest. */
function keep<T>(lines: T[], line: T): void {
  lines.push(line);
  if (lines.length > MAX_LINES) lines.splice(0, lines.length, ...lines.filter((_, i) => i % 2 === 0));
}
