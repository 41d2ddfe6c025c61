/**
 * The trainings of the nightly run: every architecture, every loss with every penalty, and each way
 * of supervising and conditioning, in little.
 */
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../../src/models/registry.ts";
import { ADVERSARIAL_LOSSES } from "../../src/objectives/adversarial.ts";
import { PENALTY_NAMES } from "../../src/objectives/penalties/registry.ts";

/** One training of the nightly check. */
export interface NightlyCase {
  /** Also the name of its folder. */
  readonly name: string;
  /** `path=value`, as for `--set`. */
  readonly sets: readonly string[];
  /**
   * Whether its samples must be as varied as a GAN's; not where nothing drives them toward the
   * data.
   */
  readonly varied: boolean;
}

/** Share of the published widths. */
const SHARE = 1 / 8;

/**
 * The width of a small version of a network: a share of the published one that its table can be
 * divided into.
 */
function smallWidth(
  network: (typeof GENERATORS)[GeneratorName] | (typeof DISCRIMINATORS)[GeneratorName],
  side: number,
): number {
  const step = network.widthStep(side);
  return Math.max(1, Math.round((network.fullWidth(side) * SHARE) / step)) * step;
}

function networks(architecture: GeneratorName): string[] {
  const { resolutions } = GENERATORS[architecture];
  const side = resolutions.find((known) => known >= 32) ?? resolutions[0]!;
  return [
    `data.resolution=${side}`,
    `generator.architecture=${architecture}`,
    `generator.width=${smallWidth(GENERATORS[architecture], side)}`,
    `discriminator.architecture=${architecture}`,
    `discriminator.width=${smallWidth(DISCRIMINATORS[architecture], side)}`,
  ];
}

const BASE: GeneratorName = "resnet-cifar";
const CONDITIONAL = ["generator.norm=conditional", "discriminator.conditioning=projection"];

/** Variants of the base case that are neither an architecture nor a loss. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  "no self-supervision": ["objective.selfSupervision=none"],
  "rotation only": ["objective.selfSupervision=rotation-only"],
  "each image in one turn": ["objective.turns=one", "objective.rotatedBatch=32"],
  "SSGAN-MS": ["objective.selfSupervision=rotation-ms"],
  "SSGAN-LA": ["objective.selfSupervision=rotation-la", "objective.turns=one"],
  "SSGAN-LA+": ["objective.selfSupervision=rotation-la-plus"],
  DAGAN: ["objective.selfSupervision=rotation-da", "objective.turns=one"],
  "DAGAN-MD": ["objective.selfSupervision=rotation-da-md", "objective.turns=one"],
  jigsaw: ["objective.selfSupervision=jigsaw", "objective.turns=one"],
  consistency: ["objective.auxiliary=bcr:10"],
  "latent consistency": ["objective.auxiliary=zcr:20:0.5"],
  "InfoMax-GAN": ["objective.auxiliary=infomax:0.2", "objective.selfSupervision=none"],
  LeCam: ["objective.auxiliary=lecam:0.3"],
  reconstruction: ["objective.auxiliary=reconstruction:1"],
  ADA: ["training.adaptive=ada", "training.adaptiveImages=20", "training.augment=colour,translation,cutout"],
  APA: ["training.adaptive=apa", "training.adaptiveImages=20"],
  "two penalties": ["objective.penalties=r1:5/4,l2:0.0001"],
  "whole batch turned": ["objective.rotatedBatch=128"],
  "alpha to 0": ["objective.alphaEnd=0"],
  "self-modulated norm": ["generator.norm=self-modulated"],
  "hierarchical latents": ["generator.norm=self-modulated", "generator.hierarchicalLatent=true"],
  "layer norm in D": ["discriminator.norm=layer"],
  "self-attention": ["generator.attention=16", "discriminator.attention=16"],
  "spectral norm in G": ["generator.spectralNorm=true"],
  conditional: CONDITIONAL,
  S3GAN: [
    "generator.norm=conditional",
    "discriminator.conditioning=predicted",
    "data.unlabeled=keep",
    "data.labelShare=0.2",
    "objective.auxiliary=classes:1",
  ],
  "conditional without self-supervision": [...CONDITIONAL, "objective.selfSupervision=none"],
  "BigGAN's conditions": [
    ...CONDITIONAL,
    "generator.classEmbedding=16",
    "generator.hierarchicalLatent=true",
    "generator.spectralNorm=true",
    "objective.selfSupervision=none",
    "objective.auxiliary=orthogonal:0:0.0001",
  ],
  R3GAN: [
    ...networks("r3gan"),
    ...["generator.norm=none", "discriminator.spectralNorm=false"],
    ...["objective.loss=relativistic", "objective.penalty=r1-r2", "objective.lambda=1"],
    "objective.selfSupervision=none",
  ],
  FastGAN: [
    ...networks("fastgan"),
    ...["generator.spectralNorm=true", "discriminator.norm=layer", "objective.selfSupervision=none"],
    "objective.auxiliary=reconstruction:1",
  ],
  augmentation: ["training.augment=colour,translation,cutout"],
  accumulation: ["training.accumulate=2", "objective.rotatedBatch=32"],
  "uniform latents, standing statistics": [
    "generator.latentDistribution=uniform",
    "generator.statistics=standing",
    "generator.standingSamples=2048",
  ],
  "two rates, falling": ["optimizer.discriminatorLearningRate=0.002", "optimizer.decay=linear"],
};

/** All of them, in the order in which they are run. */
export const CASES: readonly NightlyCase[] = [
  ...(Object.keys(GENERATORS) as GeneratorName[]).map((architecture) => ({
    name: `architecture ${architecture}`,
    sets: networks(architecture),
    varied: true,
  })),
  ...Object.keys(ADVERSARIAL_LOSSES).flatMap((loss) =>
    PENALTY_NAMES.map((penalty) => ({
      name: `loss ${loss}, penalty ${penalty}`,
      sets: [...networks(BASE), `objective.loss=${loss}`, `objective.penalty=${penalty}`],
      // Least squares in compare_gan's form squares the distance of a sigmoid, which has no slope where the discriminator is sure. With
      // WGAN-GP it is sure of everything from step 150 on (0.999 for real and generated images, up to step 900), and nothing drives the samples.
      varied: !(loss === "least-squares" && penalty === "wgan-gp"),
    })),
  ),
  ...Object.entries(VARIANTS).map(([name, sets]) => ({
    name: `variant ${name}`,
    sets: [...networks(BASE), ...sets],
    varied: name !== "rotation only",
  })),
];
