/**
 * Figure 3: the online classifier whose task keeps changing, with and without the rotation loss.
 */
import { formatCount } from "../../../base/text/format/index.ts";
import { comparisonSentence } from "../../online/comparison.ts";
import { onlineChart } from "../../online/figure.ts";
import type { AccuracyLine } from "../../online/record.ts";
import { VARIANTS, type VariantName } from "../../online/settings.ts";
import type { OnlineExperiment } from "../experiment.ts";
import { FIGURE3, type Published } from "../published.ts";
import type { Reproduced } from "../record.ts";
import type { Cell } from "../report.ts";

/** Classes of the paper's study; its positions mean something for as many tasks only. */
const PAPER_TASKS = 10;

const published = (value: number): Published => ({ value, what: "figure 3", knowledge: "curve" });

export const fig3: OnlineExperiment = {
  kind: "online",
  title: "Figure 3: an online classifier forgets",
  findings({ results, comparison }, classes, { online }) {
    const total = classes * online.cycles;
    const seen = (lines: readonly AccuracyLine[], tasks: number, moment: AccuracyLine["moment"]) =>
      one(
        lines.find((line) => line.step === tasks * online.taskIterations && line.moment === moment)?.accuracy,
      );
    const rows = Object.entries(VARIANTS) as [VariantName, { readonly title: string }][];
    const linesOf = (variant: VariantName) =>
      results.find((result) => result.variant === variant)?.lines ?? [];
    const one = (value: number | undefined): Reproduced | undefined =>
      value === undefined || Number.isNaN(value)
        ? undefined
        : {
            values: [value],
            seeds: [online.seed],
            mean: value,
            deviation: null,
            step: total * online.taskIterations,
          };
    const positions = classes === PAPER_TASKS ? FIGURE3.filter(({ tasks }) => tasks <= total) : [];
    const summaries = [
      ["first cycle", "firstCycle"],
      ["last cycle", "lastCycle"],
      ["drop at a switch", "meanDrop"],
    ] as const;
    const recoveryOf = (variant: VariantName) =>
      results.find((result) => result.variant === variant)?.summary.recovery ?? [];
    const distances = recoveryOf("vanilla").map(({ iterations }) => iterations);
    const curves = rows.map(([variant, { title: name }]) => ({ name, lines: linesOf(variant) }));
    return {
      rows: "Accuracy",
      cells: [
        ...positions.flatMap((position) => {
          const at = formatCount(position.tasks * online.taskIterations);
          return rows.map(
            ([variant, { title: column }]): Cell => ({
              row: position.moment === "switch" ? `after the switch at ${at}` : `at ${at}`,
              column,
              measure: "accuracy",
              published: published(position[variant]),
              here: seen(linesOf(variant), position.tasks, position.moment),
              shown: "mean",
            }),
          );
        }),
        ...distances.flatMap((iterations) =>
          rows.map(([variant, { title: column }]): Cell => {
            const found = recoveryOf(variant).find((recovery) => recovery.iterations === iterations);
            const row = `${iterations} iterations after a switch, last cycle`;
            return { row, column, measure: "accuracy", here: one(found?.lastCycle), shown: "mean" };
          }),
        ),
        ...summaries.flatMap(([row, key]) =>
          rows.map(([variant, { title: column }]): Cell => {
            const summary = results.find((result) => result.variant === variant)?.summary;
            return { row, column, measure: "accuracy", here: one(summary?.[key]), shown: "mean" };
          }),
        ),
      ],
      charts: [onlineChart(curves, online, classes)],
      notes: [
        "Network, optimizer and batch of the paper's study are not published; these are the SS-GAN discriminator's (docs/studies.md).",
        ...comparison.map(comparisonSentence),
      ],
    };
  },
};
