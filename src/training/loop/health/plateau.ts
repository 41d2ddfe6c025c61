/**
 * Do more steps still help? Judged by the measurements made while training: the mean of those in
 * the last third of the steps so far beside the mean of those in the third before. No better beyond
 * the error, and not by a twentieth either: that is a plateau.
 */
import { formatCount as count } from "../../../base/text/format/index.ts";
import type { EvaluationEvent, WarningEvent } from "../../events.ts";
import { type Best, isSameMeasure, measuredWithError } from "../../run/checkpoint/best.ts";

/** Measurements in each third. */
const MIN = 3;
/** What a difference has to exceed, in its standard errors. */
const ERRORS = 2;
/** And as a share of the value. */
const WORTH = 0.05;

/** Two spans of a run that were measured alike. */
export interface Plateau {
  readonly metric: Best["metric"];
  /** Steps of the first and last measurement of each span. */
  readonly before: Span;
  readonly after: Span;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly error: number;
}

/**
 * Whether measurements have stopped getting better.
 * @returns undefined where more steps help, or too little was measured to say so.
 * @param evaluations in the order of the steps
 */
export function plateauOf(
  evaluations: readonly EvaluationEvent[],
  metric: Best["metric"],
): Plateau | undefined {
  const last = evaluations.at(-1);
  if (!last) return undefined;
  const alike = evaluations.filter((one) => isSameMeasure(one, last) && one.metrics[metric] !== undefined);
  const third = last.step / 3;
  const before = span(
    alike.filter(({ step }) => step > third && step <= 2 * third),
    metric,
  );
  const after = span(
    alike.filter(({ step }) => step > 2 * third),
    metric,
  );
  if (!before || !after) return undefined;
  const gain = before.mean - after.mean;
  const doubt = ERRORS * Math.hypot(before.error, after.error);
  return gain <= doubt && gain <= WORTH * Math.abs(before.mean) ? { metric, before, after } : undefined;
}

function span(evaluations: readonly EvaluationEvent[], metric: Best["metric"]): Span | undefined {
  if (evaluations.length < MIN) return undefined;
  const values = evaluations.map((one) => measuredWithError(one, metric)!);
  const n = values.length;
  return {
    from: evaluations[0]!.step,
    to: evaluations.at(-1)!.step,
    mean: values.reduce((sum, { value }) => sum + value, 0) / n,
    error: Math.hypot(...values.map(({ error }) => error)) / n,
  };
}

/**
 * The warning for a plateau.
 * @param decayFrom step from which the learning rate falls, where it has not begun to
 */
export function plateauWarning(
  step: number,
  { metric, before, after }: Plateau,
  decayFrom: number | undefined,
): WarningEvent {
  const title = metric.toUpperCase();
  const words = ({ from, to, mean }: Span): string =>
    `${Number(mean.toPrecision(3))} from step ${count(from)} to ${count(to)}`;
  return {
    ...{ kind: "warning", step, name: "plateau" },
    message: `More steps have not helped for some while: ${title} was ${words(before)} on average, and ${words(after)}, which is no better beyond its error.`,
    advice:
      decayFrom === undefined
        ? "What is there is what this recipe makes of these images: stop here (Ctrl-C saves), or try wider networks, another training.augment or more images."
        : `From step ${count(decayFrom)} on the learning rate falls, which often helps once more; fewer --steps would bring that about sooner.`,
  };
}
