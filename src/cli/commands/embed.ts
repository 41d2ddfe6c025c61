/** `quarterturn embed DATA --run RUN`: features of images for other programs. */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--run <dir>", "The run whose discriminator looks"],
    ["--block <name>", "block1, block2, … or pooled, what the heads read (default: pooled)"],
    [
      "--numbers <n>",
      "With --block: numbers its map is pooled to at the most (default: 1 a channel, the mean of its map)",
    ],
    [
      "--out <file>",
      "NumPy array (default: NAME-BLOCK.npy); a .csv of the same name says which image each row is",
    ],
    ["--split <name>", "train, test, unlabelled (STL-10) or all (default: all)"],
    ["--preprocessing <name>", "Which part of an image is looked at (default: as in training)"],
    ["--resize <name>", "The filter (default: as in training)"],
    ["--step <n>", "Checkpoint of that step (default: as --best says)"],
    ["--best", "The checkpoint that training measured best (the default where it was surely better)"],
    ["--no-best", "The newest checkpoint, whatever was measured"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml (default: as in training)"],
    ["--threads <n>", "Threads for the arithmetic (default: as in training)"],
  ],
  examples: [
    "~/pictures --run runs/pictures-32",
    "cifar10:/data/cifar-10-batches-bin --run runs/cifar10-32 --split test --block block3 --out test.npy",
  ],
  notes: () => "Read it in Python: numpy.load(FILE, mmap_mode='r') is float32 [images, numbers].",
  async run(invocation) {
    const { embedFrom } = await import("../actions/embed.ts");
    return embedFrom(invocation);
  },
};
