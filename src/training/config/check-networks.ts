/**
 * What the architectures say to a configuration: the widths it leaves open, and combinations that
 * cannot be built.
 */

import { UserError } from "../../base/errors.ts";
import { setting, settings } from "../../base/option-names.ts";
import type { Architecture } from "../../models/model.ts";
import { DISCRIMINATORS, GENERATORS } from "../../models/registry.ts";
import { inWords } from "./describe.ts";
import { type Config, configSchema } from "./schema.ts";

type Network = "generator" | "discriminator";

const ARCHITECTURES: Readonly<Record<Network, Readonly<Record<string, Architecture>>>> = {
  generator: GENERATORS,
  discriminator: DISCRIMINATORS,
};
const NETWORKS = ["generator", "discriminator"] as const;

/** Values by path with the published widths of the architectures where none are given. */
export function withFullWidths(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const defaults = configSchema.parse({});
  const resolution = values["data.resolution"] ?? defaults.data.resolution;
  const completed = { ...values };
  for (const network of NETWORKS) {
    const name = values[`${network}.architecture`] ?? defaults[network].architecture;
    // Anything unknown or unfit is left for the checks to come.
    const architecture = Object.entries(ARCHITECTURES[network]).find(([known]) => known === name)?.[1];
    if (architecture?.resolutions.some((side) => side === resolution))
      completed[`${network}.width`] ??= architecture.fullWidth(resolution as number);
  }
  return completed;
}

/**
 * Check that the networks of a configuration exist and fit each other.
 * @throws UserError with the remedy for networks that do not exist, or not for each other
 */
export function refuseImpossibleNetworks(config: Config): void {
  refuseResolutions(config);
  refuseRanges(config);
  refuseWidths(config);
  refuseGeneratorOptions(config);
  refuseAttention(config);
}

function refuseResolutions({ data: { resolution }, ...config }: Config): void {
  for (const network of NETWORKS) {
    const { architecture } = config[network];
    const { resolutions } = ARCHITECTURES[network][architecture]!;
    if (resolutions.includes(resolution)) continue;
    const others = Object.entries(ARCHITECTURES[network]).flatMap(([name, known]) =>
      known.resolutions.includes(resolution) ? [name] : [],
    );
    throw new UserError(
      `${network}.architecture ${architecture} is made for images of ${inWords(resolutions)} pixels, but data.resolution is ${resolution}.`,
      `Use ${setting("data.resolution", nearestTo(resolution, resolutions))}, or an architecture for ${resolution} pixels in both networks: ${inWords(others)}.`,
    );
  }
}

const nearestTo = (wanted: number, offered: readonly number[]): number =>
  offered.reduce((best, side) => (Math.abs(side - wanted) < Math.abs(best - wanted) ? side : best));

const RANGES = { unit: "in [0, 1]", symmetric: "in [-1, 1]" } as const;

function refuseRanges({ generator, discriminator }: Config): void {
  const [made, expected] = [GENERATORS[generator.architecture], DISCRIMINATORS[discriminator.architecture]];
  if (made.imageRange === expected.imageRange) return;
  throw new UserError(
    `generator.architecture ${generator.architecture} makes images ${RANGES[made.imageRange]}, but discriminator.architecture ` +
      `${discriminator.architecture} takes images ${RANGES[expected.imageRange]}, so they cannot be trained together.`,
    `Take both from one family: ${settings(["generator.architecture", generator.architecture], ["discriminator.architecture", generator.architecture])}`,
  );
}

function refuseWidths({ data, ...config }: Config): void {
  for (const network of NETWORKS) {
    const { architecture, width } = config[network];
    const known = ARCHITECTURES[network][architecture]!;
    if (known.widthFits(data.resolution, width)) continue;
    const step = known.widthStep(data.resolution);
    throw new UserError(
      `${network}.width is ${width}, but at ${data.resolution} pixels ${architecture} needs a multiple of ${step}: its other maps are scaled with ` +
        "the first, and one of them would have a fraction of a channel.",
      `For example: ${setting(`${network}.width`, Math.max(1, Math.round(width / step)) * step)}`,
    );
  }
}

function refuseAttention({ data: { resolution }, ...config }: Config): void {
  for (const network of NETWORKS) {
    const { architecture, attention } = config[network];
    if (attention === "none") continue;
    const given = `${network}.attention is ${attention}`;
    const sides = ARCHITECTURES[network][architecture]!.attentionSides?.(resolution) ?? [];
    if (sides.length === 0)
      throw new UserError(
        `${given}, but ${architecture} has no place for self-attention.`,
        `Leave it at none, or take a residual architecture: ${setting(`${network}.architecture`, "resnet-cifar")}`,
      );
    if (!sides.includes(attention))
      throw new UserError(
        `${given}, but at ${resolution} pixels the blocks of the ${network} of ${architecture} give maps of ${inWords(sides)} pixels on a side.`,
        `Use ${setting(`${network}.attention`, nearestTo(attention, sides))}, or none.`,
      );
  }
}

function refuseGeneratorOptions({ data, generator }: Config): void {
  const { architecture, norm } = generator;
  const { spectralNorm, latentChunks } = GENERATORS[architecture];
  if (generator.spectralNorm && !spectralNorm)
    throw new UserError(
      `generator.spectralNorm is true, but the generator of ${architecture} is never spectrally normalized (compare_gan does not, either).`,
      "Leave it at false, or take a residual architecture; the discriminator's is discriminator.spectralNorm.",
    );
  const chunks = latentChunks(data.resolution);
  refuseClassEmbedding(generator, chunks !== undefined);
  if (!generator.hierarchicalLatent) return;
  if (chunks === undefined)
    throw new UserError(
      `generator.hierarchicalLatent is true, but ${architecture} has no blocks to give chunks of the latent vector to.`,
      "Leave it at false, or take a residual architecture.",
    );
  if (norm !== "self-modulated" && norm !== "conditional")
    throw new UserError(
      `generator.hierarchicalLatent is true, but generator.norm is ${norm}, which does not look at the latent vector: most of it would be lost.`,
      `Use ${setting("generator.norm", "self-modulated")}, or conditional, or leave generator.hierarchicalLatent at false.`,
    );
  if (generator.latentSize % chunks !== 0)
    throw new UserError(
      `generator.latentSize is ${generator.latentSize}, but a hierarchical latent vector is cut into ${chunks} equal chunks at ` +
        `${data.resolution} pixels: one for the first layer and one for each of ${chunks - 1} blocks.`,
      `For example: ${setting("generator.latentSize", Math.ceil(generator.latentSize / chunks) * chunks)}`,
    );
}

function refuseClassEmbedding(
  { classEmbedding, norm, architecture }: Config["generator"],
  residual: boolean,
): void {
  if (classEmbedding === 0) return;
  const given = `generator.classEmbedding is ${classEmbedding}`;
  if (norm !== "conditional")
    throw new UserError(
      `${given}, but generator.norm is ${norm}, which does not look at the class.`,
      `Use ${settings(["generator.norm", "conditional"], ["discriminator.conditioning", "projection"])}, or ${setting("generator.classEmbedding", 0)}.`,
    );
  if (!residual)
    throw new UserError(
      `${given}, but ${architecture} has no residual blocks whose norms could share it.`,
      `Use ${setting("generator.classEmbedding", 0)}, or a residual architecture.`,
    );
}
