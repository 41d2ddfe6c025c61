/** The feature network that comes with the package: see resnet20.ts and scripts/features/. */
import { fileURLToPath } from "node:url";
import { BUILT_IN_FEATURES, type FeatureDefinition } from "./feature-network.ts";
import { openOnnxFeatures } from "./onnx-file.node.ts";

/** From `src/metrics/features/` as from `dist/metrics/features/`. */
const FILE = new URL("../../../assets/features/resnet20-cifar10.onnx", import.meta.url);

/** Features [N, 64] and CIFAR-10 logits of 32 × 32 images. */
export const resnet20Features: FeatureDefinition = {
  name: BUILT_IN_FEATURES,
  description: "comes with quarterturn: ResNet-20 trained on CIFAR-10, for images of 32×32",
  open: async (options) => ({
    ...(await openOnnxFeatures(fileURLToPath(FILE), options)),
    name: BUILT_IN_FEATURES,
  }),
};
