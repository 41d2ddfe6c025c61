/** `quarterturn export RUN`: the trained generator as an ONNX file. */
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--out <path>", "The file (default: RUN/export/generator.onnx)"],
    ["--ema", "Averaged weights (the default where the run has them)"],
    ["--no-ema", "The latest weights"],
    ["--step <n>", "Checkpoint of that step (default: the newest)"],
    [
      "--device <name>",
      "What to compare the file with: auto, cpu, webgpu, cuda, coreml or dml (default: as in training)",
    ],
    ["--threads <n>", "Threads for the comparison (default: as in training)"],
  ],
  examples: ["runs/emoji-32", "runs/emoji-32 --step 2000 --no-ema --out early.onnx"],
  notes: () =>
    [
      "Input   z       float32 [batch, Z], each number from the distribution in the file's metadata",
      "        labels  int64 [batch], the class of each image; only of a conditional generator",
      "Output  images  uint8 [batch, 3, S, S], RGB, 0-255",
      "The file is read back and compared with the trainer's own sampler before it gets its name.",
    ].join("\n"),
  async run(invocation) {
    const { exportFrom } = await import("../export.ts");
    await exportFrom(invocation);
    return EXIT.done;
  },
};
