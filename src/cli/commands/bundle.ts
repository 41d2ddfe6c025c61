/** `quarterturn bundle RUN`: a run and its images as one file. */
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--out <path>", "The file (default: beside the run, RUN.zip)"],
    ["--step <n>", "Checkpoint of that step (default: the newest)"],
  ],
  examples: ["runs/emoji-32", "runs/emoji-32 --out emoji.zip"],
  notes: () =>
    [
      "The playground opens the file and goes on training where the run stands (docs/playground.md).",
      "Unpacked anywhere, it is a run folder: unzip emoji-32.zip && quarterturn train --run emoji-32",
    ].join("\n"),
  async run(invocation) {
    const { bundleFrom } = await import("../actions/bundle.ts");
    await bundleFrom(invocation);
    return EXIT.done;
  },
};
