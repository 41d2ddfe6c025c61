/** `quarterturn sample RUN`: images from a trained generator. */
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--count <n>", "Images (default: 64; with --interpolate 16, side by side)"],
    ["--files", "One PNG an image instead of a grid; with --interpolate also one a frame"],
    ["--interpolate", "A walk through latent space as an endless GIF"],
    ["--film", "The training as a GIF, from the sample grids of the run, with the steps below them"],
    ["--frames <n>", "Frames of the GIF (default: 48; with --film 60 at the most)"],
    [
      "--scale <n>",
      "Every pixel as a square of n by n (default: a grid about 1,000 pixels wide, a GIF 512; single files 1)",
    ],
    [
      "--class <name>",
      "Images of one class, by name or number, from a conditional generator (default: of all)",
    ],
    ["--seed <n>", "Which images: the same seed gives the same ones (default: 0)"],
    ["--truncation <t>", "Draw latent numbers beyond t again: fewer odd images, less variety (try 1)"],
    ["--ema", "Averaged weights (the default where the run has them)"],
    ["--no-ema", "The latest weights"],
    ["--step <n>", "Checkpoint of that step (default: as --best says)"],
    ["--best", "The checkpoint that training measured best (the default where it was surely better)"],
    ["--no-best", "The newest checkpoint, whatever was measured"],
    ["--out <path>", "PNG or GIF file, or folder with --files (default: below RUN/samples)"],
    ["--device <name>", "auto, cpu, webgpu, cuda, coreml or dml (default: as in training)"],
    ["--threads <n>", "Threads for the arithmetic (default: as in training)"],
  ],
  examples: [
    "runs/emoji-32",
    "runs/emoji-32 --seed 7 --truncation 1 --out grid.png",
    "runs/emoji-32 --files --count 1000 --out images",
    "runs/emoji-32 --interpolate --frames 96",
    "runs/emoji-32 --film",
  ],
  async run(invocation) {
    const { sampleFrom } = await import("../actions/sample.ts");
    await sampleFrom(invocation);
    return EXIT.done;
  },
};
