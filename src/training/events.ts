/**
 * What a run says while it goes on. The record of a run, `metrics.jsonl`, holds those of these
 * events that follow from the configuration and from what was changed meanwhile (`step`, `sample`,
 * `evaluation`, `probe`, `change`, and warnings about the health of the training), so that the
 * record of a run that was stopped and continued equals that of one that was not (but for grids
 * that somebody asked for by pausing); and in the end how it ended (`ended`). Terminal, studio and
 * reports are views on the same events.
 */

import type { Evaluation } from "../metrics/evaluate.ts";
import type { LayerNorms } from "./layer-norms.ts";
import type { Change } from "./loop/control/adjustable.ts";
import type { HeldOutScores } from "./loop/health/held-out-scores.ts";
import type { Variety } from "./loop/health/variety.ts";

/**
 * Numbers of one update by name, as the objective's program returns them (for example `loss`,
 * `rotationAccuracyReal`).
 */
export type Scalars = Readonly<Record<string, number>>;

/** A generator step has been done. */
export interface StepEvent {
  readonly kind: "step";
  /** Generator steps done so far, from 1. */
  readonly step: number;
  /** Means over the discriminator updates of this step. */
  readonly discriminator: Scalars;
  readonly generator: Scalars;
  /** Nominal learning rate of the generator, before Adam's bias correction. */
  readonly learningRate: number;
  /** The discriminator's, where it has one of its own. */
  readonly discriminatorLearningRate?: number;
  /** Weights of the rotation losses, where they change over the run. */
  readonly alpha?: number;
  readonly beta?: number;
  /** When it was done: milliseconds since 1970. */
  readonly time: number;
  /** Seconds for all updates of this step (without sampling and saving). */
  readonly stepSeconds: number;
  /** Real images consumed a second: batch size × discriminator updates / `stepSeconds`. */
  readonly imagesPerSecond: number;
}

/** A grid of samples from the fixed latents has been written. */
export interface SampleEvent {
  readonly kind: "sample";
  readonly step: number;
  /** Path below the run folder. */
  readonly file: string;
  /** The same latents through the averaged weights; absent when averaging is off. */
  readonly averagedFile?: string;
  /**
   * What the discriminator says of these samples and of real images, turn by turn: a file of
   * `SamplePredictions`.
   */
  readonly judgement?: string;
  /**
   * Spread of the samples relative to that of real images: 1 is alike, 0 is all the same. See
   * `samples.ts`.
   */
  readonly diversity: number;
  /**
   * How varied figures and palettes are, over those of real images. Absent in records of earlier
   * versions.
   */
  readonly variety?: Variety;
  /**
   * What the discriminator says of held-out images beside training images and these samples. Absent
   * where no images are held out.
   */
  readonly heldOut?: HeldOutScores;
  /**
   * Spectral norms of the kernels of the discriminator's layers. Absent in records of earlier
   * versions.
   */
  readonly layerNorms?: LayerNorms;
  /**
   * How the weights of both networks are spread: a file of `WeightHistograms`. Absent in records of
   * earlier versions, and at most grids of very large networks.
   */
  readonly histograms?: string;
  /** What the training takes from the machine. Absent where the system does not tell. */
  readonly process?: ProcessUsage;
  /** Made because somebody paused the training or took a single step there. */
  readonly asked?: true;
}

/** What a training takes from its machine, its engine's process included. */
export interface ProcessUsage {
  /** Resident memory in bytes. */
  readonly memoryBytes: number;
  /** Cores kept busy since the grid before; since the session's begin for its first grid. */
  readonly cores: number;
}

/** The generator has been measured. The line carries everything its numbers depend on. */
export interface EvaluationEvent extends Evaluation {
  readonly kind: "evaluation";
  readonly step: number;
  /** Which weights of the generator. */
  readonly weights: "averaged" | "latest";
  /** How long it took, where that decides when the next one is made. */
  readonly seconds?: number;
}

/** Images a probe was made with. */
export interface ProbedImages {
  /** Name of the data set. */
  readonly data: string;
  /** Of the images (`ImageStore.hash`). */
  readonly hash: string;
  readonly split: string;
  /** Images used, of how many. */
  readonly count: number;
  readonly of: number;
}

/**
 * A linear classifier has been trained on what the discriminator makes of labeled images. The line
 * carries its protocol.
 */
export interface ProbeEvent {
  readonly kind: "probe";
  readonly step: number;
  readonly protocol: {
    readonly name: string;
    /** How a block's map [C, S, S] becomes a vector. */
    readonly pooling: string;
    readonly epochs: number;
    readonly batchSize: number;
    /** At the beginning; it falls to 0 along half a cosine. */
    readonly learningRate: number;
    readonly momentum: number;
    readonly weightDecay: number;
    /** Of the order of the batches; accuracies are means over them. */
    readonly seeds: readonly number[];
  };
  readonly train: ProbedImages;
  readonly test: ProbedImages;
  readonly classes: number;
  /** Top-1 accuracy on the test images, by block. */
  readonly accuracies: Readonly<Record<string, number>>;
  /** The block with the highest. */
  readonly best: string;
}

/**
 * Somebody has changed values of the configuration while the run went on; in force from the next
 * step on.
 */
export interface ChangeEvent extends Change {
  readonly kind: "change";
}

/** Something a person should know. */
export interface WarningEvent {
  readonly kind: "warning";
  readonly step: number;
  /** Stable name, for example `collapsed-generator`. */
  readonly name: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/**
 * How training ended: with all its steps, when it was told to, at a number that is none, or by any
 * other error.
 */
export type EndHow = "finished" | "stopped" | "diverged" | "crashed";

/** Training has ended, and this process has lived to say so. Always the last line of a record. */
export interface EndedEvent {
  readonly kind: "ended";
  readonly how: EndHow;
  /** Generator steps done; of a run that diverged, the step at which it did. */
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** What happened. */
  readonly message: string;
  /** What to do about it; empty where there is nothing to be done. */
  readonly advice: string;
}

/** Training begins or continues. */
export interface StartEvent {
  readonly kind: "start";
  /** Generator steps already done. */
  readonly step: number;
  /** Generator steps at the end. */
  readonly steps: number;
  /** Description of the engine. */
  readonly engine: string;
}

/** A checkpoint is safely on the disk. */
export interface CheckpointEvent {
  readonly kind: "checkpoint";
  readonly step: number;
  /** Where it is. */
  readonly path: string;
}

/** Why training ended. */
export type StopReason = "finished" | "interrupted" | "diverged";

/** Training has ended. */
export interface StopEvent {
  readonly kind: "stop";
  readonly step: number;
  readonly reason: StopReason;
}

export type TrainEvent =
  | StartEvent
  | StepEvent
  | SampleEvent
  | EvaluationEvent
  | ProbeEvent
  | ChangeEvent
  | WarningEvent
  | CheckpointEvent
  | EndedEvent
  | StopEvent;

/** The events that make up the record of a run, one JSON document a line in `metrics.jsonl`. */
export type RecordLine =
  | StepEvent
  | SampleEvent
  | EvaluationEvent
  | ProbeEvent
  | ChangeEvent
  | WarningEvent
  | EndedEvent;

/**
 * Fields of a record line that tell the time, or what was taken from the machine: the only ones in
 * which two runs of one configuration differ.
 */
export const TIMING_FIELDS = ["time", "stepSeconds", "imagesPerSecond", "seconds", "process"] as const;
