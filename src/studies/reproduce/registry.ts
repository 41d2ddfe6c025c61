/** Every table and figure that can be reproduced; a new one is one file and one line here. */
import type { Experiment } from "./experiment.ts";
import { alpha } from "./experiments/alpha.ts";
import { family } from "./experiments/family.ts";
import { fig2 } from "./experiments/fig2.ts";
import { fig3 } from "./experiments/fig3.ts";
import { table1 } from "./experiments/table1.ts";
import { table2 } from "./experiments/table2.ts";
import { table3 } from "./experiments/table3.ts";
import { table4 } from "./experiments/table4.ts";
import { table5 } from "./experiments/table5.ts";

export const EXPERIMENTS = {
  fig3,
  fig2,
  table1,
  table2,
  table3,
  table4,
  table5,
  alpha,
  family,
} as const satisfies Readonly<Record<string, Experiment>>;
export type ExperimentName = keyof typeof EXPERIMENTS;
