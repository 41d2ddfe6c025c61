/**
 * What tables 3 to 5 have in common: linear probes of every block of trained discriminators, beside
 * the paper's.
 */
import type { ProbeResult } from "../probe/probe.ts";
import type { ModelSpec } from "./plan.ts";
import type { Published } from "./published.ts";
import { overSeeds, type Reproduced, type RunRecord } from "./record.ts";
import type { Cell } from "./report.ts";

/** A block by its number from the image on, or the best of them. */
export type Block = number | "best";
type Probes = ReadonlyMap<string, ProbeResult>;

/**
 * The preset of a discriminator on its rotation task alone; what its generator makes is not worth a
 * FID.
 */
export const rotationOnly = (preset: string): ModelSpec => ({
  label: "Rot-only",
  preset,
  seeds: "side",
  unmeasured: true,
});

/** Accuracy of a block of a model over its seeds. */
export function blockAccuracy(
  runs: readonly RunRecord[],
  probes: Probes,
  model: string,
  block: Block,
): Reproduced | undefined {
  return overSeeds(runs, model, ({ id, step, steps }) => {
    const scores = probes.get(id)?.blocks.map(({ mean }) => mean);
    const value = block === "best" ? scores && Math.max(...scores) : scores?.[block];
    return value === undefined ? undefined : { value, step: Math.min(step, steps) };
  });
}

/**
 * A row a block, a column a model.
 * @param table the paper's values, one a block
 * @param about what those are
 */
export function representationCells<Model extends string>(
  table: Readonly<Record<Model, readonly number[]>>,
  about: Pick<Published, "what" | "knowledge">,
  runs: readonly RunRecord[],
  probes: Probes,
): Cell[] {
  const blocks = Math.max(0, ...[...probes.values()].map((probe) => probe.blocks.length));
  const rows: Block[] = [...Array.from({ length: blocks }, (_, i) => i), "best"];
  const publishedOf = (model: Model, row: Block): Published | undefined => {
    const value = row === "best" ? Math.max(...table[model]) : table[model][row];
    return value === undefined ? undefined : { value, ...about };
  };
  return rows.flatMap((row) =>
    (Object.keys(table) as Model[]).map((model) => ({
      row: row === "best" ? "best" : `Block${row}`,
      column: model,
      measure: "accuracy" as const,
      published: publishedOf(model, row),
      here: blockAccuracy(runs, probes, model, row),
      shown: "mean" as const,
    })),
  );
}

/** Why accuracies are not those of the paper's own probe. */
export const PROBE_NOTE =
  "The paper names logistic regression on each block; pooling, optimizer and length of the probe are this project's own (docs/studies.md).";
