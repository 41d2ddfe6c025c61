/**
 * `quarterturn probe RUN`: a linear classifier on what each block of a trained discriminator sees.
 */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--data <data>", "Labeled images (default: those of the run)"],
    ["--step <n>", "Checkpoint of that step (default: the newest)"],
    ["--untrained", "Probe the same network as it was before training, for comparison"],
    ["--quick", "Mean over each map instead of up to 9,000 numbers: faster, lower accuracies"],
    ["--images <n>", "Images of each part at the most (default: all)"],
    ["--seeds <n>", "Regressions for each block (default: 3, as the paper)"],
    ["--epochs <n>", "Passes over the training images (default: 100)"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml (default: as in training)"],
    ["--threads <n>", "Threads for the arithmetic (default: as in training)"],
  ],
  examples: [
    "runs/cifar10-32",
    "runs/cifar10-32 --untrained",
    "runs/pictures-32 --data cifar10:/data/cifar-10-batches-bin --images 10000 --quick",
  ],
  async run(invocation) {
    const { probeFrom } = await import("../actions/probe.ts");
    return probeFrom(invocation);
  },
};
