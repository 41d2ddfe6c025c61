/**
 * Table 4: as table 3, on ImageNet and with the six blocks of the network for 128 × 128. The images
 * are the user's own: a folder with a subfolder a class.
 */
import type { RunExperiment } from "../experiment.ts";
import type { ModelSpec } from "../plan.ts";
import { type Representation, TABLE4 } from "../published.ts";
import { PROBE_NOTE, representationCells, rotationOnly } from "../representation.ts";

/** The models on ImageNet by their names in the paper. */
export const IMAGENET_MODELS: Readonly<Record<Representation, ModelSpec>> = {
  "Uncond-GAN": { label: "Uncond-GAN", preset: "paper/imagenet128/uncond", seeds: "side" },
  "Cond-GAN": { label: "Cond-GAN", preset: "paper/imagenet128/cond", seeds: "side" },
  "Rot-only": rotationOnly("paper/imagenet128/rot-only"),
  "SS-GAN (sBN)": { label: "SS-GAN (sBN)", preset: "paper/imagenet128/ssgan-sbn", seeds: "side" },
};

/**
 * Steps of the paper on ImageNet (figures 2 and 4b). A block's features of all 1.28 million
 * training images would take 46 GB at once; of 100,000 they take 3.6.
 */
export const IMAGENET: NonNullable<RunExperiment["paper"]> = {
  steps: 1_000_000,
  probeImages: { train: 100_000, test: 50_000 },
};

/** Accuracies of other images have another scale. */
export const IMAGENET_NOTE =
  "The paper's numbers are of ImageNet with 1,000 classes; of other data only the order of models and blocks compares.";

const PUBLISHED = { what: "table 4, ImageNet at 128 × 128, 1,000 classes", knowledge: "memory" } as const;

export const table4: RunExperiment = {
  kind: "runs",
  title: "Table 4: quality of the discriminator's representation on ImageNet",
  models: () => Object.values(IMAGENET_MODELS),
  probed: true,
  paper: IMAGENET,
  findings: (runs, probes) => ({
    rows: "Block",
    cells: representationCells(TABLE4, PUBLISHED, runs, probes),
    charts: [],
    notes: [
      "Of the paper's numbers those of Block5 of Uncond-GAN and SS-GAN (sBN) agree with the ends of figure 2, and the latter with table 5, which were read.",
      IMAGENET_NOTE,
      PROBE_NOTE,
    ],
  }),
};
