/** What server and page say to each other, all of it JSON. */
import type { QuantityValues } from "../base/quantities.ts";
import type { PretextDescription } from "../objectives/pretext/description.ts";
import type { EvaluationEvent, ProbeEvent, SampleEvent, WarningEvent } from "../training/events.ts";
import type { Change } from "../training/loop/control/adjustable.ts";
import type { ControlState } from "../training/loop/control/control.ts";
import type { RunProgress, RunState } from "../training/loop/ending.ts";
import type { TrainingSession } from "../training/run/record/environment.ts";
import type { CurveSet } from "./record/series.ts";
import type { RunMarks } from "./runs/marks.ts";

/** Runs that are looked at together, at the most. */
export const MAX_WATCHED = 12;

export type { RunState } from "../training/loop/ending.ts";

/** A run in the list. */
export interface RunOverview {
  /** Path below the runs folder; the folder's name when that is a run itself. */
  readonly id: string;
  readonly state: RunState;
  readonly step: number;
  readonly steps: number;
  /** What happened, of a run that failed or was interrupted. */
  readonly why?: string;
  /** Time of its last step, milliseconds since 1970; that of its configuration before the first. */
  readonly touched: number;
  /** Path of the newest grid below the run folder. */
  readonly picture?: string;
  /** The latest measurement of FID. */
  readonly fid?: MeasuredFid;
  readonly warnings: number;
  /** When its configuration was written, milliseconds since 1970. */
  readonly began?: number;
  /** What its latest steps and its newest grid say, as `QUANTITIES` defines it. */
  readonly quantities?: QuantityValues;
  /** Values of its configuration, by path, in which the runs of the table differ. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tags?: readonly string[];
  readonly archived?: true;
  /** The first line of its note. */
  readonly note?: string;
  /** Why it cannot be read. */
  readonly broken?: string;
  /** It has not been looked into yet: only its name is known. */
  readonly unread?: true;
}

/** A run of the list with its configuration, by path; undefined where that cannot be read. */
export interface OverviewOfRun {
  readonly overview: RunOverview;
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

/** All runs, and what their configurations have in common. */
export interface RunTable {
  readonly runs: readonly RunOverview[];
  readonly common: Readonly<Record<string, unknown>>;
}

/** A FID with what it depends on. */
export interface MeasuredFid {
  readonly value: number;
  /** `FID (built-in features)` */
  readonly name: string;
  /** What it was measured by, in words. */
  readonly protocol: string;
  readonly step: number;
}

/** Where a run is now. */
export interface RunStatus extends RunProgress {
  readonly secondsLeft?: number;
  readonly secondsPerStep?: number;
  /** What its latest steps say, as `QUANTITIES` defines it. */
  readonly quantities?: QuantityValues;
  readonly control?: ControlState;
}

/** When a run was trained, on what, and with which images. */
export type RunSession = Pick<TrainingSession, "started" | "fromStep" | "images" | "engine" | "cpu">;

/** Points of something that is measured now and then. */
export type Points = readonly (readonly [step: number, value: number])[];

/** All of a run but its curves. */
export interface RunDetail {
  readonly id: string;
  readonly status: RunStatus;
  /** By path. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * What is said of its pretext task; undefined for a plain GAN, and for a task that this version
   * does not know.
   */
  readonly task?: PretextDescription | undefined;
  readonly samples: readonly SampleEvent[];
  /**
   * Of a page that was saved: all grids, where `samples` has only those whose pictures it carries.
   */
  readonly measured?: readonly SampleEvent[];
  readonly evaluations: readonly EvaluationEvent[];
  readonly probes: readonly ProbeEvent[];
  readonly warnings: readonly WarningEvent[];
  readonly changes: readonly Change[];
  /** Whether samples/reals.png is there. */
  readonly reals: boolean;
  /**
   * Whether the training images nearest to its samples have been looked for; see
   * training/evaluation/memorization-file.node.ts.
   */
  readonly memorization: boolean;
  /**
   * Values a running training takes other ones for, with what is in force; null: the
   * discriminator's learning rate is the generator's.
   */
  readonly adjustable: Readonly<Record<string, number | null>>;
  /** What somebody has written on it. */
  readonly marks: RunMarks;
  /** Its sessions, the first one first: when they began, on what, and with which images. */
  readonly sessions: readonly RunSession[];
  /** When its latest step was done, in milliseconds since 1970; undefined before the first. */
  readonly latest?: number;
  readonly revision: number;
}

/** Curves of a run, and the state of its record that they show. */
export interface RunCurves extends CurveSet {
  readonly id: string;
  /** Counts how often the record was cut back: then all is to be read anew. */
  readonly generation: number;
}

/** A live message. `detail`: what `RunDetail` has is outdated. */
export type LiveMessage =
  | { readonly kind: "status"; readonly id: string; readonly status: RunStatus }
  | { readonly kind: "curves"; readonly curves: RunCurves }
  | { readonly kind: "detail"; readonly id: string; readonly revision: number };
