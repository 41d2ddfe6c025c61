/**
 * All feature networks by name, and any ONNX file that maps images to vectors. A new one is a file
 * beside this one and a line in `FEATURES`.
 */
import { unknownName } from "../../base/errors.ts";
import { PUBLISHED_FEATURES } from "../../base/metric-quantities.ts";
import {
  BUILT_IN_FEATURES,
  type FeatureDefinition,
  type FeatureNetwork,
  type FeatureOptions,
} from "./feature-network.ts";
import { findInstalled, installedFeatures } from "./installed.node.ts";
import { openOnnxFeatures } from "./onnx-file.node.ts";
import { resnet20Features } from "./resnet20-shipped.node.ts";

/** Every network with a name. */
export const FEATURES: readonly FeatureDefinition[] = [
  resnet20Features,
  installedFeatures(
    PUBLISHED_FEATURES,
    "TensorFlow's Inception of 2015-12-05, which published FIDs are computed with; to be added, and then the default",
  ),
  installedFeatures("torchvision-inception", "torchvision's Inception-v3; to be added"),
];

/** Which network is taken, and why, where that is not plain. */
export interface FeatureChoice {
  readonly name: string;
  readonly why: string | undefined;
}

/**
 * The network that is taken where none is named: the one published numbers are of, once it has been
 * added; until then the built-in one.
 */
export const defaultFeatures = async (cacheDir?: string): Promise<string> =>
  (await findInstalled(PUBLISHED_FEATURES, cacheDir)) ? PUBLISHED_FEATURES : BUILT_IN_FEATURES;

/**
 * Choose a network.
 * @param asked what the user names
 * @param earlier what the same run was measured with before: its numbers are there to be compared
 * over time, so it keeps a network that once was the default
 */
export async function chooseFeatures(
  asked: string | undefined,
  earlier: string | undefined,
  cacheDir?: string,
): Promise<FeatureChoice> {
  if (asked !== undefined) return { name: asked, why: undefined };
  const standard = await defaultFeatures(cacheDir);
  if (earlier !== standard && (earlier === BUILT_IN_FEATURES || earlier === PUBLISHED_FEATURES))
    return {
      name: earlier,
      why: `this run was measured with it before, and numbers of another network do not compare (the default is ${standard})`,
    };
  return {
    name: standard,
    why: standard === BUILT_IN_FEATURES ? undefined : "it has been added, and so is the default",
  };
}

/**
 * Open a feature network.
 * @param name one of `FEATURES`, or the path of an ONNX file
 * @throws UserError for an unknown name, a network that is not installed, or a file that is no
 * feature network
 */
export async function openFeatures(name: string, options: FeatureOptions = {}): Promise<FeatureNetwork> {
  const definition = FEATURES.find((known) => known.name === name);
  if (definition) return definition.open(options);
  if (/\.onnx$/i.test(name)) return openOnnxFeatures(name, options, "foreign");
  throw unknownName("feature network", name, [...FEATURES.map((known) => known.name), "PATH.onnx"]);
}
