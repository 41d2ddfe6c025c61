/**
 * `quarterturn features list|add|remove`: the networks whose features metrics are computed with.
 */
import type { CommandModule } from "../command.ts";

export const command: CommandModule = {
  options: [
    ["--from <place>", "add: a weights file of PyTorch (.pth), its path or its address"],
    ["--checksum <hex>", "add: first digits of the SHA-256 it must have (default: those in its name)"],
  ],
  examples: [
    "list",
    "add inception --from ~/Downloads/pt_inception-2015-12-05-6726825d.pth",
    "add torchvision-inception --from https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth",
    "remove inception",
  ],
  notes: () =>
    [
      "resnet20-cifar10        comes with quarterturn; its numbers compare only with numbers made with it",
      "inception               the network published FIDs are computed with, the default once it is added; its weights are those of pytorch-fid",
      "torchvision-inception   torchvision's inception_v3",
      "PATH.onnx               any ONNX file that maps images to vectors needs no adding",
      "",
      "Weights files are read, never executed: one that contains anything but tensors is refused.",
    ].join("\n"),
  async run(invocation) {
    const { features } = await import("../actions/features.ts");
    return features(invocation, command.options);
  },
};
