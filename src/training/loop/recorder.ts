/** What of a run must last, and where the loop puts it. */
import type { RandomState } from "../../base/random.ts";
import type { ProcessUsage, RecordLine } from "../events.ts";
import type { Picture } from "../sampling/samples.ts";
import type { HealthState } from "./health/health.ts";
import type { UpdateCounts } from "./update.ts";

/** Where a run has got to: everything but the tensors. JSON. */
export interface Progress {
  /** Generator steps done. */
  readonly step: number;
  readonly updates: UpdateCounts;
  /** State of each random stream that the programs draw from. */
  readonly streams: Readonly<Record<string, RandomState>>;
  /** Position in the data, as `Batches.save` gave it. */
  readonly batches: unknown;
  readonly health: HealthState;
}

/** A whole training state. */
export interface Snapshot {
  readonly progress: Progress;
  /** Every state entry the programs read or write, by name. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

/** Where the loop puts what must last. In Node a run folder; elsewhere what the place offers. */
export interface Recorder {
  /** Append a line to the record of the run. */
  record(line: RecordLine): Promise<void>;
  /** Keep a picture. @returns its path below the run folder */
  savePicture(name: string, picture: Picture): Promise<string>;
  /** Keep a JSON document. @returns its path below the run folder */
  saveDocument?(name: string, document: object): Promise<string>;
  /** What the training takes from the machine now, where that can be told. */
  usage?(): ProcessUsage;
  /** Keep a snapshot; when this returns it survives anything. @returns where it is */
  saveSnapshot(snapshot: Snapshot): Promise<string>;
}
