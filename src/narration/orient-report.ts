/** What `orient` says. */

import { formatCount } from "../base/text/format.ts";
import type { Inspection } from "../data/index.node.ts";
import type { OrientEvaluation } from "../studies/orient/evaluation.ts";
import { degrees, type OrientedImage } from "../studies/orient/findings.ts";
import { textTable } from "./table.ts";

/** Rotated images that are shown; a list has them all. */
const SHOWN = 20;

const percent = (value: number, digits = 1): string =>
  Number.isFinite(value) ? `${(100 * value).toFixed(digits)} %` : "–";

/** The rotated images, the surest first, and the shares. */
export function describeOriented(
  { findings, name }: Inspection,
  images: readonly OrientedImage[],
  threshold: number,
): string {
  const rotated = images
    .filter(({ verdict }) => verdict === "turned")
    .sort((a, b) => b.confidence - a.confidence);
  const rows = rotated
    .slice(0, SHOWN)
    .map(({ path, turns, confidence, agreement }) => [
      path,
      `${degrees(turns)}° counterclockwise`,
      percent(confidence),
      `${agreement} of 4`,
    ]);
  const more = rotated.length > SHOWN ? [`… and ${formatCount(rotated.length - SHOWN)} more`] : [];
  const table =
    rows.length > 0 ? [textTable([["image", "is rotated by", "confidence", "votes"], ...rows]), ...more] : [];
  const summary = findings[0]?.lines[0] ?? "";
  return [
    ...table,
    `${name}: ${summary}`,
    ...(rotated.length === 0 ? [`No image looks rotated with a confidence of ${threshold} or more.`] : []),
  ].join("\n");
}

/** The confusion matrix and the rates. */
export function describeOrientEvaluation(evaluation: OrientEvaluation, where: string, step: number): string {
  const { images, confusion, accuracy, accuracySingle, perTurn, thresholds } = evaluation;
  const turns = [0, 1, 2, 3] as const;
  const matrix = textTable([
    ["is rotated by", ...turns.map((turn) => `said ${degrees(turn)}°`), "recall", "precision"],
    ...turns.map((turn) => [
      `${degrees(turn)}°`,
      ...turns.map((said) => formatCount(confusion[turn]![said]!)),
      percent(perTurn[turn]!.recall),
      percent(perTurn[turn]!.precision),
    ]),
  ]);
  const rates = textTable([
    [
      "confidence from",
      "recall",
      "false alarms",
      "precision, turns equally frequent",
      "precision, 5 % turned",
    ],
    ...thresholds.map((rate) => [
      String(rate.threshold),
      percent(rate.recall),
      percent(rate.falseAlarms, 2),
      percent(rate.precision),
      percent(rate.precisionOfFew),
    ]),
  ]);
  return [
    `${formatCount(images)} images of ${where}, taken for upright, each rotated by 0°, 90°, 180°, 270° (step ${formatCount(step)})`,
    "",
    `A single showing: ${percent(accuracySingle)} right; chance is 25 %`,
    matrix,
    "",
    `The vote over four showings, which orient uses: ${percent(accuracy)} right`,
    rates,
    "recall: rotated images called rotated, by the right turn; false alarms: upright ones called rotated;",
    "precision: of those called rotated, the share that is, by that turn.",
  ].join("\n");
}
