/**
 * What use cases tell while they work: facts, not sentences. `narration/` puts them into words for
 * a terminal or for a listener of the library.
 */
import type { DataSummary, Inspection, PackProgress } from "../data/index.node.ts";
import type { EvaluationProgress } from "../metrics/evaluate.ts";
import type { OrientedImage } from "../studies/orient/findings.ts";
import type { SweepPoint } from "../sweep/plan.ts";
import type { PointState } from "../sweep/pool.ts";
import type { ResultRow } from "../sweep/results.ts";
import type { EvaluationEvent, TrainEvent } from "../training/events.ts";
import type { Rescued } from "../training/rescue.node.ts";

/** What images are opened for; `trained`: to be compared with samples. */
export type ImagesRole = "training" | "trained" | "reference" | "probe" | "labelled";

/** Images are decoded and packed, or looked at one by one. */
export interface PackingEvent extends PackProgress {
  readonly kind: "packing";
  readonly role: ImagesRole | "held-out" | "inspection";
}

/** Images have been opened. */
export interface ImagesEvent {
  readonly kind: "images";
  readonly role: ImagesRole;
  readonly summary: DataSummary;
}

/** Work that has a beginning and an end gets on. */
export type ProgressEvent = { readonly kind: "progress" } & (
  | {
      /** Images are generated for standing statistics, or compared, or files are copied. */
      readonly activity: "statistics" | "copying";
      readonly done: number;
      readonly total: number;
    }
  | {
      /** Images or frames are made, nobody knows of how many. */
      readonly activity: "generating" | "filming";
      readonly done: number;
    }
  | {
      readonly activity: "comparing";
      /** What is being done, in words. */
      readonly what: string;
      /** In [0, 1]. */
      readonly share: number;
    }
  | {
      /** A classifier is fitted. */
      readonly activity: "fitting";
      /** To what, and how far that is, in words. */
      readonly what: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly activity: "writing"; readonly file: string }
  | { readonly activity: "picturing"; readonly run: string }
  | { readonly activity: "probing"; readonly step: number }
  | ({ readonly activity: "measuring" } & EvaluationProgress)
);

/** Something that the caller should know or do. */
export interface WarningEvent {
  readonly kind: "warning";
  /** Names options as `base/option-names.ts` says. */
  readonly message: string;
}

/** Something that is good to know, for whoever follows. */
export interface NoteEvent {
  readonly kind: "note";
  /** Names options as `base/option-names.ts` says. */
  readonly message: string;
}

/** Which of several things is taken, and why that one. */
export interface ChoiceEvent {
  readonly kind: "choice";
  readonly of: "checkpoint" | "features";
  /** The name of what is taken; undefined where `why` says it. */
  readonly name?: string;
  readonly why: string;
}

/** The speed of training is about to be measured. */
export interface TrialEvent {
  readonly kind: "trial";
  /** Steps, where their number is known before. */
  readonly steps?: number;
  /** What computes them. */
  readonly engine: string;
}

/** Something happened in a training. Awaited. */
export interface TrainingEvent {
  readonly kind: "training";
  /** The run folder, absolute. */
  readonly dir: string;
  /** The process that computes, where it is another one; for the memory it takes. */
  readonly process: number | undefined;
  readonly event: TrainEvent;
}

/** A generator has been measured. */
export interface MeasuredEvent {
  readonly kind: "measured";
  readonly evaluation: EvaluationEvent;
}

/** Images have been looked at for their turns, before anything is written. */
export interface OrientedEvent {
  readonly kind: "oriented";
  readonly found: Inspection;
  readonly images: readonly OrientedImage[];
  /** Confidence from which an image is called turned. */
  readonly threshold: number;
}

/** The weights that were looked at. */
export interface WeightsEvent {
  readonly kind: "weights";
  readonly step: number;
  readonly weights: "averaged" | "latest";
}

/** A collapsed run goes on from before its collapse. */
export interface RescueEvent {
  readonly kind: "rescue";
  readonly rescued: Rescued;
}

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

/** What has come of many runs, before it is written. */
export interface ResultsEvent {
  readonly kind: "results";
  readonly rows: readonly ResultRow[];
}

/** A file was written beside the result that was asked for. */
export interface FileEvent {
  readonly kind: "file";
  /** `skipped`: the list of images that could not be used; `made`: something made of a finished run. */
  readonly what: "skipped" | "made";
  /** Absolute. */
  readonly path: string;
  /** What to say of it. */
  readonly note?: string;
}

/** Everything that use cases tell. */
export type AppEvent =
  | PackingEvent
  | ImagesEvent
  | ProgressEvent
  | WarningEvent
  | NoteEvent
  | ChoiceEvent
  | TrialEvent
  | TrainingEvent
  | MeasuredEvent
  | OrientedEvent
  | WeightsEvent
  | RescueEvent
  | PointsEvent
  | PointEvent
  | WaitingEvent
  | ResultsEvent
  | FileEvent;
