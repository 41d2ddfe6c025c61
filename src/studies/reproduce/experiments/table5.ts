/**
 * Table 5: SS-GAN's representation on ImageNet beside those of other self-supervised methods, of
 * which only SS-GAN is trained here.
 */
import type { RunExperiment } from "../experiment.ts";
import { TABLE5 } from "../published.ts";
import { blockAccuracy, PROBE_NOTE } from "../representation.ts";
import { IMAGENET, IMAGENET_MODELS, IMAGENET_NOTE } from "./table4.ts";

const OURS = "SS-GAN (sBN)";

export const table5: RunExperiment = {
  kind: "runs",
  title: "Table 5: the representation beside other methods' on ImageNet",
  models: () => [IMAGENET_MODELS[OURS]],
  probed: true,
  paper: IMAGENET,
  findings: (runs, probes) => ({
    rows: "Method",
    cells: Object.entries(TABLE5).map(([row, value]) => ({
      row,
      column: "top-1 accuracy",
      measure: "accuracy",
      published: { value, what: "table 5, ImageNet, 1,000 classes", knowledge: "printed" },
      here: row === OURS ? blockAccuracy(runs, probes, OURS, "best") : undefined,
      shown: "mean",
    })),
    charts: [],
    notes: [
      "The other methods are not trained here: their numbers are the paper's.",
      IMAGENET_NOTE,
      PROBE_NOTE,
    ],
  }),
};
