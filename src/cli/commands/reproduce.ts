/** `quarterturn reproduce NAME`: a table or figure of the paper, beside the paper's own numbers. */

import { textTable } from "../../narration/table.ts";
import { EXPERIMENTS } from "../../studies/reproduce/registry.ts";
import { SCALES } from "../../studies/reproduce/scales.ts";
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--scale <name>", "paper, laptop or tiny (default: laptop)"],
    ["--data <data>", "Labeled images, named as for train: cifar10:PATH for the paper's"],
    ["--out <dir>", "Folder of runs and results, shared by all tables (default: runs/reproduce-SCALE)"],
    [
      "--steps <n>",
      "Generator steps of every run (default: the scale's); more of them go on with the runs that exist",
    ],
    ["--seeds <n>", "How many seeds every model has (default: as many as the scale says)"],
    ["--first-seed <n>", "The first of them (default: 1)"],
    ["--rows <names>", "Rows of table2, separated by commas, or all (default: the scale's)"],
    [
      "--set <path=value>",
      "Change one configuration value of every run to which it means something; may be repeated",
    ],
    ["--jobs <n>", "Runs at once (default: 1; the cores are shared out among them)"],
    ["--threads <n>", "Threads for the arithmetic of each run"],
    ["--retries <n>", "How often a run that crashed is tried again (default: 3)"],
    ["--report", "Write table and figure from what is there; train nothing"],
    ["--dry-run", "Show scale, runs and estimated time; train nothing"],
  ],
  examples: [
    "table1 --data cifar10:/data/cifar-10-batches-bin --dry-run",
    "table1 --data cifar10:/data/cifar-10-batches-bin --jobs 2",
    "table2 --data cifar10:/data/cifar-10-batches-bin --rows sn-b0-d1,gp1-b0-d1",
    "fig3 --data cifar10:/data/cifar-10-batches-bin --scale paper",
    "table4 --data /data/imagenet --dry-run",
  ],
  notes: () =>
    [
      "What there is to reproduce:",
      textTable(Object.entries(EXPERIMENTS).map(([name, { title }]) => [name, title])),
      "",
      "Scales:",
      textTable(Object.entries(SCALES).map(([name, { description }]) => [name, description])),
    ].join("\n"),
  async run(invocation) {
    const { reproduceFrom } = await import("../actions/reproduce/reproduce.ts");
    return reproduceFrom(invocation);
  },
};
