/** What may be changed while a run goes on, and a change that was made. */

/**
 * Configuration values that may change while a run goes on: those that are fed to the programs at
 * every step.
 */
export const ADJUSTABLE = [
  "optimizer.learningRate",
  "optimizer.discriminatorLearningRate",
  "objective.alpha",
  "objective.beta",
  "objective.lambda",
] as const;
export type AdjustablePath = (typeof ADJUSTABLE)[number];
export type AdjustableValues = Readonly<Partial<Record<AdjustablePath, number>>>;

/** Values of the configuration by path. */
export type RescueValues = Readonly<Record<string, number | string | boolean | null>>;

/** What was done about a collapse; a part of the change in `changes.json` and in the record. */
export interface Rescue {
  /** Step at which the collapse was seen. */
  readonly seen: number;
  /** The values that were changed, as they were and as they are now. */
  readonly from: RescueValues;
  readonly to: RescueValues;
}

/** A change that was made. */
export interface Change {
  /** From 1, in the order in which they were made. */
  readonly id: number;
  /** Generator steps done when it was made: it is in force from the next one on. */
  readonly step: number;
  readonly values: AdjustableValues;
  /** What was done about a collapse at this step, instead of values that somebody changed. */
  readonly rescue?: Rescue;
}
