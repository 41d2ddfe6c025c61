/** What the numbers of an evaluation mean, in words, and what to do next. */
import { formatCount } from "../base/text/format/index.ts";
import { FEW_SAMPLES } from "./counts.ts";
import type { Evaluation } from "./evaluate.ts";
import { BUILT_IN_FEATURES } from "./features/feature-network.ts";

/** Recall below this: hardly anything of the variety of the real images is met. */
const NO_RECALL = 0.05;
/** Recall below this beside a precision above that: real-looking images of few kinds. */
const LITTLE_RECALL = 0.2;
const HIGH_PRECISION = 0.7;
/** Precision below this: most images lie away from all real ones. */
const LITTLE_PRECISION = 0.3;

/** Numbers that mean something of few images too, in the order in which they are shown of few. */
const LEADING = ["kid", "kidDeviation", "recall", "precision"];

/** Whether FID is mostly bias: then other numbers lead. */
export const isSmall = ({ reference, generated }: Pick<Evaluation, "reference" | "generated">): boolean =>
  Math.min(reference.count, generated.count) < FEW_SAMPLES;

/**
 * Numbers in the order in which they should be read: of fewer than 2,048 images KID and recall
 * lead.
 */
export function readingOrder<M extends { readonly key: string }>(
  metrics: readonly M[],
  evaluation: Pick<Evaluation, "reference" | "generated">,
): M[] {
  if (!isSmall(evaluation)) return [...metrics];
  const rank = ({ key }: M): number => {
    const place = LEADING.indexOf(key);
    return place < 0 ? LEADING.length : place;
  };
  return [...metrics].sort((a, b) => rank(a) - rank(b));
}

/**
 * Advice on an evaluation: a sentence or two each, the most important first; never empty.
 * @param evaluation as recorded
 */
export function evaluationAdvice(evaluation: Evaluation): string[] {
  const { metrics, features } = evaluation;
  const [recall, precision] = [metrics.recall?.mean, metrics.precision?.mean];
  const advice: string[] = [];
  if (recall !== undefined && recall < NO_RECALL)
    advice.push(
      `Recall is ${recall.toFixed(3)}, next to nothing: the samples meet hardly any of the variety of the real images, however real each may look. ` +
        "This is what a collapsed generator measures like, or one that has only begun: look at a grid (quarterturn sample RUN), and train on or anew.",
    );
  else if (
    recall !== undefined &&
    precision !== undefined &&
    recall < LITTLE_RECALL &&
    precision > HIGH_PRECISION
  )
    advice.push(
      `Precision is ${precision.toFixed(2)} and recall ${recall.toFixed(2)}: single images look real to these features, but they are of few kinds.`,
    );
  if (precision !== undefined && precision < LITTLE_PRECISION)
    advice.push(
      `Precision is ${precision.toFixed(2)}: most samples look unlike any real image to these features. Training longer is the first remedy.`,
    );
  if (isSmall(evaluation))
    advice.push(
      `Of fewer than ${formatCount(FEW_SAMPLES)} images KID and recall are the numbers to go by; FID is not comparable with any of other counts.`,
    );
  const told = evaluation.warnings.some((warning) => warning.includes("built-in features"));
  if (features.name === BUILT_IN_FEATURES && !told)
    advice.push(
      "The built-in features were learned from small photographs (CIFAR-10): of drawings, faces or other pictures let your eye decide when they disagree with it.",
    );
  advice.push(
    "Compare these numbers only with others of the same protocol, features and counts; lower FID and KID, higher recall and precision are better.",
  );
  return advice;
}
