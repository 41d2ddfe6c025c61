/** `quarterturn orient DATA --run RUN`: images that are not upright. */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--run <dir>", "The run whose rotation head judges"],
    ["--threshold <p>", "Confidence from which an image is called rotated, 0.25 to 1 (default: 0.9)"],
    ["--list <file>", "Write every image with its turn, confidence and verdict, as .csv or .json"],
    ["--out <dir>", "Write upright copies of all images into a new folder; originals are never changed"],
    ["--turned-only", "With --out: copies of those images only that were turned"],
    ["--evaluate", "Measure the head on images known to be upright: confusion matrix, precision, recall"],
    ["--split <name>", "train, test, unlabelled (STL-10) or all (default: all; with --evaluate test)"],
    ["--preprocessing <name>", "Which part of an image is looked at (default: as in training)"],
    ["--resize <name>", "The filter (default: as in training)"],
    ["--step <n>", "Checkpoint of that step (default: as --best says)"],
    ["--best", "The checkpoint that training measured best (the default where it was surely better)"],
    ["--no-best", "The newest checkpoint, whatever was measured"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml (default: as in training)"],
    ["--threads <n>", "Threads for the arithmetic (default: as in training)"],
  ],
  examples: [
    "~/scans --run runs/pictures-32",
    "~/scans --run runs/pictures-32 --threshold 0.95 --list turned.csv --out ~/scans-upright",
    "cifar10:/data/cifar-10-batches-bin --run runs/cifar10-32 --evaluate",
  ],
  notes: () =>
    [
      "Turns are counterclockwise. An image is shown to the head in all four turns, and the four answers are averaged.",
      "Copies: JPEG files keep their pixels and get another EXIF orientation; PNG, WebP, TIFF and AVIF are rotated and",
      "stored without loss; other formats become PNG.",
    ].join("\n"),
  async run(invocation) {
    const { orientFrom } = await import("../actions/orient.ts");
    return orientFrom(invocation);
  },
};
