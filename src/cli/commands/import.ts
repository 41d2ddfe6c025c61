/** `quarterturn import FILE`: networks that another program has trained, as a run. */
import { type CommandModule, EXIT } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--discriminator <file>", "The discriminator's weights (netD.pth), for orient, embed and probe"],
    ["--data <data>", "The images it was trained on, as for train: what evaluate compares with"],
    ["--run <dir>", "Folder of the run (default: runs/, named after the file)"],
  ],
  examples: [
    "netG.pth --data cifar10:/data/cifar-10-batches-bin",
    "netG.pth --discriminator netD.pth --run runs/mimicry",
  ],
  notes: () =>
    [
      "Reads the checkpoints of the mimicry library (github.com/kwotsin/mimicry): generators and discriminators of SNGAN, SSGAN,",
      "InfoMax-GAN, WGAN-GP and cGAN-PD. Nothing in the files is executed.",
      "To go on training from the weights: quarterturn train --run runs/NAME --fork --set data.source=DATA --steps 200000.",
    ].join("\n"),
  async run(invocation) {
    const { importFrom } = await import("../actions/import.ts");
    await importFrom(invocation);
    return EXIT.done;
  },
};
