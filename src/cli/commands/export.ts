/** `quarterturn export RUN`: a trained run as files that others can use. */
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    [
      "--only <parts>",
      "generator, discriminator, weights, example or card; several with commas (default: all)",
    ],
    ["--out <path>", "Folder, or the file of a single part (default: RUN/export)"],
    ["--maps", "Let the discriminator give out whole feature maps too, not only their means"],
    [
      "--license <id>",
      "License of the model for its card, as the Hugging Face hub calls it (default: unknown; mit for the built-in emoji)",
    ],
    ["--ema", "Averaged weights (the default where the run has them)"],
    ["--no-ema", "The latest weights"],
    ["--step <n>", "Checkpoint of that step (default: as --best says)"],
    ["--best", "The checkpoint that training measured best (the default where it was surely better)"],
    ["--no-best", "The newest checkpoint, whatever was measured"],
    [
      "--device <name>",
      "What to compare the files with: auto, cpu, webgpu, cuda, coreml or dml (default: as in training)",
    ],
    ["--threads <n>", "Threads for the comparison (default: as in training)"],
  ],
  examples: [
    "runs/emoji-32",
    "runs/emoji-32 --license mit",
    "runs/emoji-32 --only discriminator,weights --out handover",
    "runs/emoji-32 --step 2000 --no-ema --out early.onnx",
  ],
  notes: () =>
    [
      "generator.onnx       z float32 [batch, Z], labels int64 [batch] where it is conditional",
      "                     → images uint8 [batch, 3, S, S], RGB, 0-255",
      "discriminator.onnx   images as above, labels int64 [batch] where it is told the class",
      "                     → score [batch], rotation [batch, 4], block1 … [batch, C], pooled [batch, F]",
      "weights.safetensors  both networks, float32, OIHW, names as generator/block1/conv1/kernel",
      "README.md            the model card for the Hugging Face hub, with samples.png",
      "example.html         a page that shows the generator",
      "Each file is loaded again and compared with the trainer's own networks before it gets its name.",
    ].join("\n"),
  async run(invocation) {
    const { exportFrom } = await import("../actions/export.ts");
    await exportFrom(invocation);
    return EXIT.done;
  },
};
