/** `quarterturn sweep FILE`: many runs, a grid or a list of them, each for several seeds. */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    [
      "--out <dir>",
      "Folder of the runs and the results (default: runs/ and the file's name); with --emit kubernetes, on the pods' volume /runs",
    ],
    ["--jobs <n>", "Runs at once (default: 1; the cores are shared out among them)"],
    ["--retries <n>", "How often a run that crashed is tried again (default: 3)"],
    ["--plan", "Show the runs and what is there of each; train nothing"],
    ["--only <n>", "Only the point of this number, counted from 0: what a scheduler's tasks call"],
    ["--queue <url>", "Put the runs into a queue (redis://… or postgres://…) for workers on any machine"],
    ["--queue-name <name>", "Name of the queue (default: quarterturn)"],
    ["--emit <scheduler>", "Write a job array (slurm) or an indexed Job (kubernetes) instead of training"],
    ["--image <name>", "With --emit kubernetes: the container image (default: quarterturn)"],
  ],
  examples: [
    "robustness.yaml --plan",
    "robustness.yaml --jobs 2",
    "robustness.yaml --queue redis://queue.example:6379 --out /shared/robustness",
    "robustness.yaml --emit slurm > job.sh",
    "robustness.yaml --emit kubernetes --jobs 8 --image registry.example/quarterturn > job.yaml",
  ],
  async run(invocation) {
    const { sweepFrom } = await import("../actions/sweep/sweep.ts");
    return sweepFrom(invocation);
  },
};
