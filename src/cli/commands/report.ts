/** `quarterturn report RUN…`: one self-contained page on one run or several. */
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--out <file>", "HTML file (default: RUN/report.html; of several runs report.html here)"],
    ["--no-walk", "Leave out the walk through latent space, which needs the generator to run"],
    ["--nearest", "Look for the nearest training images of samples first, as evaluate --memorization does"],
    [
      "--best",
      "Walk with the checkpoint that training measured best (the default where it was surely better)",
    ],
    ["--no-best", "Walk with the newest checkpoint, whatever was measured"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml (default: as in training)"],
    ["--threads <n>", "Threads for the arithmetic (default: as in training)"],
  ],
  examples: ["runs/emoji-32", "runs/ssgan runs/uncond --out comparison.html"],
  async run(invocation) {
    const { reportFrom } = await import("../actions/report.ts");
    await reportFrom(invocation);
    return EXIT.done;
  },
};
