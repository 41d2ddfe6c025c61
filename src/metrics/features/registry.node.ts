/**
 * All feature networks by name, and any ONNX file that maps images to vectors. A new one is a file beside this one and a line in
 * `FEATURES`.
 */
import { UserError, unknownName } from "../../base/errors.ts";
import type { FeatureDefinition, FeatureNetwork, FeatureOptions } from "./feature-network.ts";
import { installedFeatures } from "./installed.node.ts";
import { openOnnxFeatures } from "./onnx-file.node.ts";
import { resnet20Features } from "./resnet20-shipped.node.ts";

/** Every network with a name, the default first. */
export const FEATURES: readonly FeatureDefinition[] = [
  resnet20Features,
  installedFeatures(
    "inception",
    "TensorFlow's Inception of 2015-12-05, which published FIDs are computed with; to be added",
  ),
  installedFeatures("torchvision-inception", "torchvision's Inception-v3; to be added"),
];

/**
 * Open a feature network.
 * @param name one of `FEATURES`, or the path of an ONNX file; undefined for the default
 * @throws UserError for an unknown name, a network that is not installed, or a file that is no feature network
 */
export async function openFeatures(
  name: string | undefined,
  options: FeatureOptions = {},
): Promise<FeatureNetwork> {
  const definition = name === undefined ? FEATURES[0] : FEATURES.find((known) => known.name === name);
  if (definition) return definition.open(options);
  if (name === undefined)
    throw new UserError("No feature network is installed.", "Name an ONNX file with --features PATH.onnx.");
  if (/\.onnx$/i.test(name)) return openOnnxFeatures(name, options);
  throw unknownName("feature network", name, [...FEATURES.map((known) => known.name), "PATH.onnx"]);
}
