/** Table 3: what the discriminator's blocks know of the classes, in four ways of training it. */
import type { RunExperiment } from "../experiment.ts";
import { MAIN_MODELS } from "../models.ts";
import type { ModelSpec } from "../plan.ts";
import { type Representation, TABLE3 } from "../published.ts";
import { PROBE_NOTE, representationCells, rotationOnly } from "../representation.ts";

const MODELS: Readonly<Record<Representation, ModelSpec>> = {
  "Uncond-GAN": { ...MAIN_MODELS["Uncond-GAN"], seeds: "side" },
  "Cond-GAN": MAIN_MODELS["Cond-GAN"],
  "Rot-only": rotationOnly("paper/cifar10/rot-only"),
  "SS-GAN (sBN)": MAIN_MODELS["SS-GAN (sBN)"],
};

const PUBLISHED = { what: "table 3, mean of three seeds, 100,000 steps", knowledge: "memory" } as const;

export const table3: RunExperiment = {
  kind: "runs",
  title: "Table 3: quality of the discriminator's representation",
  models: () => Object.values(MODELS),
  probed: true,
  findings: (runs, probes) => ({
    rows: "Block",
    cells: representationCells(TABLE3, PUBLISHED, runs, probes),
    charts: [],
    notes: [PROBE_NOTE],
  }),
};
