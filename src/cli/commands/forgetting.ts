/**
 * `quarterturn forgetting DATA`: how much a classifier forgets whose task keeps changing, with and
 * without self-supervision.
 */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--out <dir>", "Folder of the study (default: studies/online)"],
    ["--seed <n>", "Seed of weights and batches (default: 1)"],
    ["--width <n>", "Channels of the classifier's blocks (default: 32; the paper's discriminator has 128)"],
    ["--iterations <n>", "Iterations of each task (default: 1000, the paper's)"],
    ["--cycles <n>", "How often all tasks are gone through (default: 2, the paper's)"],
    ["--batch <n>", "Images of a batch (default: 64)"],
    ["--evaluate-every <n>", "Iterations between measurements (default: 100)"],
    [
      "--evaluate-after <list>",
      "Iterations into each task after which to measure as well, separated by commas (default: 5,10,20,50)",
    ],
    ["--test-images <n>", "Test images of the class, and as many others (default: 1000)"],
    ["--rotated-batch <n>", "Images in the rotation task, four turns of each (default: 64)"],
    ["--beta <n>", "Weight of the rotation loss (default: 1)"],
    ["--learning-rate <n>", "Step size (default: 0.0002)"],
    ["--momentum <n>", "Plain gradient descent with this momentum instead of Adam"],
    ["--label-rotated", "Ask about the class of the rotated images as well"],
    ["--fresh-head", "Begin with a new head at every switch"],
    ["--natural-balance", "Batches with as many images of the class as the data has, not half"],
    ["--no-spectral-norm", "Without spectral normalization"],
    ["--read-out", "Fit a linear classifier to the features at every switch: what they know of the new task"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml (default: cpu)"],
    ["--threads <n>", "Threads for the arithmetic (default: the cores this process may use)"],
  ],
  examples: [
    "cifar10:/data/cifar-10-batches-bin",
    "cifar10:/data/cifar-10-batches-bin --iterations 100 --out quick",
  ],
  notes: () =>
    [
      "This is the paper's first study of forgetting (figure 3). The second, what a GAN's discriminator knows of the",
      'classes in the course of training (figure 2), is made from trained GANs: "quarterturn reproduce fig2".',
    ].join("\n"),
  async run(invocation) {
    const { forgettingFrom } = await import("../actions/forgetting.ts");
    return forgettingFrom(invocation);
  },
};
