/** What is told while many runs are trained, here or through a queue. */
import type { SweepPoint } from "../../sweep/plan.ts";
import type { PointState } from "../../sweep/pool.ts";
import type { QueuedPoint, QueueProgress } from "../../sweep/queued-point.ts";
import type { ResultRow } from "../../sweep/results.ts";

/** Many runs are about to be trained, each by a process of its own. */
export interface PointsEvent {
  readonly kind: "points";
  readonly points: readonly SweepPoint[];
}

/** One of them is in another state. */
export interface PointEvent {
  readonly kind: "point";
  readonly point: SweepPoint;
  readonly state: PointState;
}

/** Nothing is left but runs that other processes train: they are waited for. */
export interface WaitingEvent {
  readonly kind: "waiting";
  readonly points: readonly SweepPoint[];
}

/** None of them is under way any more. */
export interface PointsEndEvent {
  readonly kind: "points-end";
}

/** What has come of many runs, before it is written. */
export interface ResultsEvent {
  readonly kind: "results";
  readonly rows: readonly ResultRow[];
}

/** The runs of a sweep are in a queue, where workers take them from. */
export interface QueuedEvent {
  readonly kind: "queued";
  readonly runs: number;
  /** The queue's address, with its secrets. */
  readonly queue: string;
}

/** A run in a queue is in another state. */
export interface QueuedPointEvent {
  readonly kind: "queued-point";
  readonly point: QueuedPoint;
  /** In words. */
  readonly state: string;
}

/** A run in a queue gets on. */
export interface QueuedProgressEvent {
  readonly kind: "queued-progress";
  readonly point: QueuedPoint;
  readonly progress: QueueProgress;
}

/** A worker waits for runs. */
export interface WorkingEvent {
  readonly kind: "working";
  /** The queue's address, with its secrets. */
  readonly queue: string;
}

/** Everything that is told of many runs. */
export type SweepEvent =
  | PointsEvent
  | PointEvent
  | WaitingEvent
  | PointsEndEvent
  | ResultsEvent
  | QueuedEvent
  | QueuedPointEvent
  | QueuedProgressEvent
  | WorkingEvent;
