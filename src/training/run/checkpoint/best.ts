/**
 * Whether the checkpoint that training measured best is better than the newest one, beyond what
 * measuring is uncertain by.
 */
import { formatCount as count } from "../../../base/text/format/index.ts";
import type { EvaluationEvent } from "../../events.ts";

/** By what a run judges which checkpoint is its best; the lower the better. */
export type BestBy = "none" | "fid" | "kid";

/** The best measurement so far whose checkpoint is kept. */
export interface Best {
  readonly step: number;
  readonly metric: Exclude<BestBy, "none">;
  readonly value: number;
}

/** What a difference has to exceed, in standard errors of the difference. */
const ERRORS = 2;
/** Relative error taken where nothing says how uncertain a number is. */
const UNKNOWN_ERROR = 0.05;

/** Which checkpoint was taken, and why, in words. */
export interface Choice {
  /** Undefined: the newest whole one. */
  readonly step: number | undefined;
  /** A sentence for the user; undefined where there was nothing to choose from. */
  readonly why: string | undefined;
}

/** A measurement with its standard error, and what that error is from. */
export interface Measured {
  readonly value: number;
  readonly error: number;
  readonly from: "repeats" | "subsets" | "rule";
}

/**
 * A number of an evaluation with its standard error: of the mean over repeats; else of KID over its
 * subsets; for FID the relative error of the KID measured beside it, as FID of one sample has none
 * of its own; else 5 %.
 * @returns undefined where the number was not measured
 */
export function measuredWithError(evaluation: EvaluationEvent, metric: Best["metric"]): Measured | undefined {
  const { metrics } = evaluation;
  const result = metrics[metric];
  if (!result) return undefined;
  const value = result.mean;
  if (result.deviation !== null && result.values.length > 1)
    return { value, error: result.deviation / Math.sqrt(result.values.length), from: "repeats" };
  const ofKid = subsetError(evaluation);
  const kid = metrics.kid?.mean;
  if (ofKid !== undefined && kid !== undefined && kid !== 0) {
    const error = metric === "kid" ? ofKid : Math.abs((value * ofKid) / kid);
    return { value, error, from: "subsets" };
  }
  return { value, error: UNKNOWN_ERROR * Math.abs(value), from: "rule" };
}

/**
 * Standard error of KID by its spread over subsets. Subsets that share images count as many as
 * would fit without sharing.
 */
function subsetError({ metrics, kidSampling, reference, generated }: EvaluationEvent): number | undefined {
  const deviation = metrics.kidDeviation?.mean;
  if (deviation === undefined || !Number.isFinite(deviation)) return undefined;
  const images = Math.min(reference.count, generated.count);
  const fitting = (size: number): number => Math.max(1, Math.floor(images / size));
  const parts =
    kidSampling.kind === "blocks"
      ? fitting(kidSampling.size)
      : kidSampling.size === "equal-parts"
        ? kidSampling.subsets
        : Math.min(kidSampling.subsets, fitting(kidSampling.size));
  return deviation / Math.sqrt(parts);
}

/**
 * The better of two checkpoints. The newest is taken unless the best one is surely better: it was
 * trained longer.
 * @param best as `best.json` names it
 * @param newest step of the newest checkpoint
 * @param evaluations those made while training, in the order of the steps
 */
export function betterOf(best: Best, newest: number, evaluations: readonly EvaluationEvent[]): Choice {
  const title = best.metric.toUpperCase();
  const atBest = evaluations.findLast(
    ({ step, metrics }) => step === best.step && metrics[best.metric] !== undefined,
  );
  const last = evaluations.findLast(
    ({ step, metrics }) => step <= newest && metrics[best.metric] !== undefined,
  );
  const newestWords = `step ${count(newest)}, the newest`;
  if (best.step === newest)
    return {
      step: undefined,
      why: `${newestWords}, is also the best measured (${title} ${number(best.value)})`,
    };
  if (!atBest || !last || last.step <= best.step)
    return {
      step: undefined,
      why: `${newestWords}: nothing was measured after step ${count(best.step)}, the best so far (${title} ${number(best.value)})`,
    };
  const [a, b] = [measuredWithError(atBest, best.metric)!, measuredWithError(last, best.metric)!];
  const error = ERRORS * Math.hypot(a.error, b.error);
  const compared = `${title} ${number(a.value)} at step ${count(best.step)}, ${number(b.value)} at step ${count(last.step)}`;
  const doubt = `${a.from === "rule" || b.from === "rule" ? "taken to be uncertain" : "uncertain"} by ${number(error)}`;
  if (!isSameMeasure(atBest, last))
    return {
      step: undefined,
      why: `${newestWords}: it was measured in another way than step ${count(best.step)}`,
    };
  return b.value - a.value > error
    ? {
        step: best.step,
        why: `step ${count(best.step)}, the best measured: ${compared}; the difference is ${doubt}`,
      }
    : {
        step: undefined,
        why: `${newestWords}: not surely worse than the best (${compared}; the difference is ${doubt})`,
      };
}

/**
 * The checkpoint from before the discriminator began to overfit: the best measured one there, else
 * the last.
 * @param since step of the first grid that shows it @param kept steps of the checkpoints, the
 * newest first
 */
export function fromBefore(since: number, kept: readonly number[], best: Best | undefined): Choice {
  const seen = `the discriminator learns its training images by heart from step ${count(since)} on`;
  const before = best !== undefined && best.step < since ? best.step : kept.find((step) => step < since);
  if (before === undefined)
    return {
      step: undefined,
      why: `step ${count(kept[0]!)}, the newest, though ${seen}: no checkpoint from before it is kept`,
    };
  return {
    step: before,
    why: `step ${count(before)}, ${before === best?.step ? "the best measured" : "the last checkpoint"} from before it: ${seen}`,
  };
}

/** Whether two numbers may be compared. */
export const isSameMeasure = (a: EvaluationEvent, b: EvaluationEvent): boolean =>
  a.protocol === b.protocol &&
  a.weights === b.weights &&
  a.features.hash === b.features.hash &&
  a.reference.hash === b.reference.hash &&
  a.reference.count === b.reference.count &&
  a.generated.count === b.generated.count;

const number = (value: number): string => String(Number(value.toPrecision(3)));
