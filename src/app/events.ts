/**
 * What use cases tell while they work: facts, not sentences. `narration/` puts them into words for
 * a terminal or for a listener of the library.
 */
import type {
  DataSummary,
  FetchProgress,
  Inspection,
  PackProgress,
  Publication,
} from "../data/index.node.ts";
import type { EvaluationProgress } from "../metrics/evaluate.ts";
import type { AccuracyLine } from "../studies/online/record.ts";
import type { VariantName } from "../studies/online/settings.ts";
import type { OrientedImage } from "../studies/orient/findings.ts";
import type { Report } from "../studies/reproduce/report.ts";
import type { EvaluationEvent, TrainEvent } from "../training/events.ts";
import type { Rescued } from "../training/loop/health/rescue.node.ts";
import type { SweepEvent } from "./sweep/events.ts";

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
      /**
       * Images are generated for standing statistics, files are copied, or bytes are downloaded.
       */
      readonly activity: "statistics" | "copying" | "downloading";
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
  | {
      /** A feature network is built, or a few steps are measured. */
      readonly activity: "building" | "timing";
    }
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
  /** Confidence from which an image is called rotated. */
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

/** A table or figure of the paper has been made, before it is written. */
export interface ReproducedEvent {
  readonly kind: "reproduced";
  readonly report: Report;
}

/** A download begins. */
export interface PublicationEvent {
  readonly kind: "publication";
  readonly publication: Publication;
}

/** A file is downloaded, checked or unpacked. */
export interface FetchingEvent extends FetchProgress {
  readonly kind: "fetching";
}

/** One thing looked at. Its texts name options as `base/option-names.ts` says. */
export interface MachineCheck {
  /** What it is about, in one or two words. */
  readonly name: string;
  /** `missing`: training cannot work; `absent`: something optional is not there. */
  readonly state: "ok" | "absent" | "missing";
  readonly found: string;
  /** What to do, where something is to be done. */
  readonly remedy?: string;
}

/** Something has been looked at. */
export interface CheckEvent {
  readonly kind: "check";
  readonly check: MachineCheck;
}

/** A classifier of the online study has been trained further. */
export interface OnlineStudyEvent {
  readonly kind: "online-study";
  /** With or without self-supervision. */
  readonly variant: VariantName;
  readonly step: number;
  readonly total: number;
  /** Seconds the variant will still take; NaN while unknown. */
  readonly secondsLeft: number;
  /** An accuracy that was just measured. */
  readonly line?: AccuracyLine | undefined;
}

/** A page is served. */
export interface ServingEvent {
  readonly kind: "serving";
  readonly url: string;
  /** The folder of runs, absolute. */
  readonly runs: string;
  /** The folder below which images may be chosen, absolute, where trainings may be started. */
  readonly images: string | undefined;
}

/** A file was written beside the result that was asked for. */
export interface FileEvent {
  readonly kind: "file";
  /**
   * `skipped`: the list of images that could not be used; `made`: something made of a finished run.
   */
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
  | SweepEvent
  | ReproducedEvent
  | PublicationEvent
  | FetchingEvent
  | OnlineStudyEvent
  | CheckEvent
  | ServingEvent
  | FileEvent;
