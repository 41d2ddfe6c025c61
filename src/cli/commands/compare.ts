/** `quarterturn compare A B`: the metrics of `evaluate` between any two sets of images. */
import type { CommandModule } from "../command.ts";
import { EVALUATION_OPTIONS, evaluationNotes } from "./evaluate.ts";

export const command: CommandModule = {
  options: [
    ...EVALUATION_OPTIONS,
    ["--samples <n>", "Images of either set, drawn at random (default: all)"],
    ["--repeats <n>", "Times, each with other images of B (default: 1)"],
    [
      "--resolution <n>",
      "Side in pixels, or native (default: that of the smaller images, but at most 128, or what the features look at)",
    ],
    ["--split-a <part>", "train, test or all of A (default: all)"],
    ["--split-b <part>", "train, test or all of B (default: all)"],
  ],
  examples: [
    "photos/real photos/made",
    "cifar10:~/cifar10 runs/a/images --split-a test --metrics all",
    "emoji emoji --split-a train --split-b test",
  ],
  notes: evaluationNotes,
  async run(invocation) {
    const { compareFrom } = await import("../actions/compare.ts");
    return compareFrom(invocation);
  },
};
