/** Table 1: FID of the four models, best of the seeds; with the training curves of figure 4a. */
import type { RunExperiment } from "../experiment.ts";
import { MAIN_MODELS } from "../models.ts";
import { asRatio, pairSentences } from "../pairs.ts";
import { FIGURE4, MODELS, TABLE1 } from "../published.ts";
import { curvesOf, fidCurve, lastFid, lastLogFid, overSeeds } from "../record.ts";
import { standstillSentences } from "../standstill.ts";

export const table1: RunExperiment = {
  kind: "runs",
  title: "Table 1 and figure 4: FID of the four models",
  models: () => Object.values(MAIN_MODELS),
  probed: false,
  findings: (runs) => ({
    rows: "Model",
    cells: MODELS.flatMap((row) => {
      const here = overSeeds(runs, row, lastFid);
      const { best, mean } = TABLE1[row];
      return [
        { row, column: "best FID", measure: "fid", published: best, here, shown: "best" },
        { row, column: "mean FID", measure: "fid", published: mean, here, shown: "mean" },
      ] as const;
    }),
    charts: [
      {
        title: "Paper, figure 4a (read by eye)",
        x: { label: "generator steps" },
        y: { label: "FID" },
        legend: "top",
        series: MODELS.map((name) => ({ name, points: FIGURE4[name], dashed: true })),
      },
      {
        title: "Here",
        x: { label: "generator steps" },
        y: { label: "FID" },
        legend: "top",
        series: MODELS.flatMap((name) => curvesOf(runs, name, fidCurve)),
      },
    ],
    notes: [
      FID_NOTE,
      ...pairSentences(runs, ["SS-GAN", "Uncond-GAN"], lastLogFid, asRatio("Last FID")),
      ...standstillSentences(runs, MODELS),
    ],
  }),
};

/** Why FIDs of other features are not those of the paper. */
export const FID_NOTE =
  "The paper's FIDs are of TensorFlow's Inception features. FIDs of other features have another scale: compare rows with each other, not with the paper's numbers.";
