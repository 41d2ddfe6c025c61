/** Table 3: what the discriminator's blocks know of the classes, in four ways of training it. */
import type { RunExperiment } from "../experiment.ts";
import { MAIN_MODELS } from "../models.ts";
import type { ModelSpec } from "../plan.ts";
import { REPRESENTATIONS, type Representation, TABLE3 } from "../published.ts";
import { overSeeds } from "../record.ts";

const MODELS: Readonly<Record<Representation, ModelSpec>> = {
  "Uncond-GAN": { ...MAIN_MODELS["Uncond-GAN"], seeds: "side" },
  "Cond-GAN": MAIN_MODELS["Cond-GAN"],
  "Rot-only": {
    label: "Rot-only",
    preset: "paper/cifar10/rot-only",
    seeds: "side",
    unmeasured: true,
  },
  "SS-GAN (sBN)": MAIN_MODELS["SS-GAN (sBN)"],
};

const WHAT = "table 3, mean of three seeds, 100,000 steps";

export const table3: RunExperiment = {
  kind: "runs",
  title: "Table 3: quality of the discriminator's representation",
  models: () => Object.values(MODELS),
  probed: true,
  findings(runs, probes) {
    const blocks = Math.max(0, ...[...probes.values()].map((probe) => probe.blocks.length));
    const rows = [...Array.from({ length: blocks }, (_, i) => i), "best" as const];
    return {
      rows: "Block",
      cells: rows.flatMap((row) =>
        REPRESENTATIONS.map((model) => ({
          row: row === "best" ? "best" : `Block${row}`,
          column: model,
          measure: "accuracy" as const,
          published: publishedOf(model, row),
          here: overSeeds(runs, model, ({ id, step, steps }) => {
            const scores = probes.get(id)?.blocks.map(({ mean }) => mean);
            const value = row === "best" ? scores && Math.max(...scores) : scores?.[row];
            return value === undefined ? undefined : { value, step: Math.min(step, steps) };
          }),
          shown: "mean" as const,
        })),
      ),
      charts: [],
      notes: [
        "The paper names logistic regression on each block; pooling, optimiser and length of the probe are this project's own (docs/studies.md).",
      ],
    };
  },
};

function publishedOf(model: Representation, row: number | "best") {
  const values = TABLE3[model];
  const value = row === "best" ? Math.max(...values) : values[row];
  return value === undefined ? undefined : ({ value, what: WHAT, knowledge: "memory" } as const);
}
