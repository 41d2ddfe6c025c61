/** What may be changed while a run goes on, and a change that was made. */

/** Configuration values that may change while a run goes on: those that are fed to the programs at every step. */
export const ADJUSTABLE = [
  "optimizer.learningRate",
  "optimizer.discriminatorLearningRate",
  "objective.alpha",
  "objective.beta",
  "objective.lambda",
] as const;
export type AdjustablePath = (typeof ADJUSTABLE)[number];
export type AdjustableValues = Readonly<Partial<Record<AdjustablePath, number>>>;

/** A change that was made. */
export interface Change {
  /** From 1, in the order in which they were made. */
  readonly id: number;
  /** Generator steps done when it was made: it is in force from the next one on. */
  readonly step: number;
  readonly values: AdjustableValues;
}
