/** `quarterturn worker`: takes the runs of sweeps from a queue, on any number of machines. */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--queue <url>", "redis://… or postgres://… (or QUARTERTURN_QUEUE in the environment)"],
    ["--queue-name <name>", "Name of the queue (default: quarterturn)"],
    ["--out <dir>", "The shared folder of the sweep, where this machine sees it at another path"],
    ["--jobs <n>", "Runs at once (default: 1; the cores are shared out among them)"],
    ["--lock-seconds <n>", "A run is taken from a worker that has been silent for so long (default: 30)"],
  ],
  examples: ["--queue redis://queue.example:6379", "--queue postgres://queue.example/quarterturn --jobs 2"],
  async run(invocation) {
    const { workerFrom } = await import("../actions/sweep/worker.ts");
    return workerFrom(invocation);
  },
};
