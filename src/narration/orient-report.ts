/** What `orient` says. */

import { formatCount, percent } from "../base/text/format/index.ts";
import type { Inspection } from "../data/index.node.ts";
import type { OrientEvaluation } from "../studies/orient/evaluation.ts";
import { degrees, type OrientedImage } from "../studies/orient/findings.ts";
import { textTable } from "./table.ts";

/** Rotated images that are shown; a list has them all. */
const SHOWN = 20;

/** A share with digits behind the point; a dash for one of nothing. */
const share = (value: number, spacing = 0.001): string =>
  Number.isFinite(value) ? percent(value, spacing) : "–";

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
      share(confidence),
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
      share(perTurn[turn]!.recall),
      share(perTurn[turn]!.precision),
    ]),
  ]);
  const rates = textTable([
    [
      "confidence from",
      "recall",
      "false alarms",
      "precision, turns equally frequent",
      "precision, 5% turned",
    ],
    ...thresholds.map((rate) => [
      String(rate.threshold),
      share(rate.recall),
      share(rate.falseAlarms, 0.0001),
      share(rate.precision),
      share(rate.precisionOfFew),
    ]),
  ]);
  return [
    `${formatCount(images)} images of ${where}, taken for upright, each rotated by 0°, 90°, 180°, 270° (step ${formatCount(step)})`,
    "",
    `A single showing: ${share(accuracySingle)} right; chance is 25%`,
    matrix,
    "",
    `The vote over four showings, which orient uses: ${share(accuracy)} right`,
    rates,
    "recall: rotated images called rotated, by the right turn; false alarms: upright ones called rotated;",
    "precision: of those called rotated, the share that is, by that turn.",
  ].join("\n");
}
