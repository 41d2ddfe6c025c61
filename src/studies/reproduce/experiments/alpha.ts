/**
 * The sweep over α, the weight of the rotation loss in the generator: the paper tried 0.2, 0.5 and
 * 1 and took 0.2 everywhere.
 */
import type { RunExperiment } from "../experiment.ts";
import { MAIN_MODELS } from "../models.ts";
import type { ModelSpec } from "../plan.ts";
import { fidCurve, lastFid, meanCurve, overSeeds } from "../record.ts";
import { FID_NOTE } from "./table1.ts";

/**
 * 0 is not among the paper's: there the discriminator has the rotation task and the generator does
 * not help.
 */
const ALPHAS = [0, 0.2, 0.5, 1] as const;
const labelOf = (alpha: number): string => `α = ${alpha}`;

export const alpha: RunExperiment = {
  kind: "runs",
  title: "The weight α of the generator's rotation loss",
  models: () =>
    ALPHAS.map(
      (value): ModelSpec => ({
        ...MAIN_MODELS["SS-GAN"],
        label: labelOf(value),
        set: { "objective.alpha": value },
        seeds: "side",
      }),
    ),
  probed: false,
  findings: (runs) => ({
    rows: "α",
    cells: ALPHAS.map((value) => ({
      row: String(value),
      column: "FID",
      measure: "fid",
      here: overSeeds(runs, labelOf(value), lastFid),
      shown: "mean",
    })),
    charts: [
      {
        title: "FID over training",
        x: { label: "generator steps" },
        y: { label: "FID" },
        legend: "top",
        series: ALPHAS.map((value) => ({
          name: labelOf(value),
          points: meanCurve(runs, labelOf(value), fidCurve),
        })),
      },
    ],
    notes: [
      "The paper gives no numbers for its sweep over 0.2, 0.5 and 1; it uses 0.2 for every data set (from memory). 0 is this project's addition.",
      FID_NOTE,
    ],
  }),
};
