/** Figure 2: whether the discriminator forgets the classes in the course of training. */
import type { RunExperiment } from "../experiment.ts";
import { MAIN_MODELS } from "../models.ts";
import { inPoints, pairSentences } from "../pairs.ts";
import { FIGURE2, type Published } from "../published.ts";
import { curvesOf, overSeeds, type Picked, type RunRecord } from "../record.ts";
import type { Cell } from "../report.ts";
import { standstillSentences } from "../standstill.ts";

const MODELS = ["Uncond-GAN", "SS-GAN"] as const;
/** What the claim is about, and what it is compared with. */
const SIDES = ["SS-GAN", "Uncond-GAN"] as const;
const PAPER_STEP = 100_000;

/** Accuracy on the last block over the steps. */
function lastBlock({ probes }: RunRecord): [number, number][] {
  return probes.flatMap(({ step, accuracies }): [number, number][] => {
    const last = Object.values(accuracies).at(-1);
    return last === undefined ? [] : [[step, last]];
  });
}

function atTheEnd(run: RunRecord): Picked {
  const last = lastBlock(run).at(-1);
  return last && { step: last[0], value: last[1] };
}

const published = (value: number): Published => ({
  value,
  what: "figure 2, ImageNet at 128 × 128, 1,000 classes, every 100,000 to 1,000,000 steps",
  knowledge: "curve",
});

const peak = <T extends readonly [number, number]>(points: readonly T[]): T | undefined =>
  points.reduce<T | undefined>((best, point) => (best && best[1] >= point[1] ? best : point), undefined);

/** The table's columns: what is asked of a curve. */
const COLUMNS: readonly {
  readonly column: string;
  readonly measure: Cell["measure"];
  readonly of: (points: readonly (readonly [number, number])[]) => number | undefined;
}[] = [
  {
    column: "before training",
    measure: "accuracy",
    of: (points) => points.find(([step]) => step === 0)?.[1],
  },
  { column: "highest", measure: "accuracy", of: (points) => peak(points)?.[1] },
  { column: "highest after step", measure: "step", of: (points) => peak(points)?.[0] },
  { column: "at the end", measure: "accuracy", of: (points) => points.at(-1)?.[1] },
];

export const fig2: RunExperiment = {
  kind: "runs",
  title: "Figure 2: forgetting in the course of training",
  models: () => MODELS.map((name) => MAIN_MODELS[name]),
  probed: false,
  findings: (runs) => ({
    rows: "Model",
    cells: MODELS.flatMap((row) => {
      const paper = FIGURE2[row].map((value, i) => [(i + 1) * PAPER_STEP, value] as const);
      return COLUMNS.map(({ column, measure, of }): Cell => {
        const value = of(paper);
        return {
          row,
          column,
          measure,
          published: value === undefined ? undefined : published(value),
          here: overSeeds(runs, row, (run) => {
            const points = lastBlock(run);
            const found = of(points);
            return found === undefined ? undefined : { value: found, step: points.at(-1)![0] };
          }),
          shown: "mean",
        };
      });
    }),
    charts: [
      {
        title: "Paper: ImageNet, 1,000 classes (read by eye)",
        x: { label: "generator steps" },
        y: { label: "top-1 accuracy", domain: [0, 0.5] },
        legend: "top",
        series: MODELS.map((name) => ({
          name,
          points: FIGURE2[name].map((value, i) => [(i + 1) * PAPER_STEP, value] as const),
          dashed: true,
        })),
      },
      {
        title: "Here",
        x: { label: "generator steps" },
        y: { label: "top-1 accuracy, last block" },
        series: MODELS.flatMap((name) => curvesOf(runs, name, lastBlock)),
      },
    ],
    notes: [
      "The paper's curves are of ImageNet; accuracies of another data set have another scale, what compares is their course.",
      ...pairSentences(runs, SIDES, atTheEnd, inPoints("Accuracy of the last block at the end")),
      ...standstillSentences(runs, MODELS),
    ],
  }),
};
