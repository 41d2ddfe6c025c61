/**
 * Configuration of a run: the discriminator: its network, its norms, and how it is told classes.
 */
import { z } from "zod";
import { DISCRIMINATOR_NORMS, DISCRIMINATOR_POOLS, DISCRIMINATOR_SHORTCUTS } from "../../../models/model.ts";
import { DISCRIMINATORS, type DiscriminatorName } from "../../../models/registry.ts";
import { CONDITIONINGS } from "../../../objectives/settings.ts";
import { attentionOf } from "./attention.ts";
import { initializationOf } from "./initialization.ts";
import { COMPARE_GAN, FULL_WIDTH, notes, OURS, paper, SNGAN } from "./notes.ts";

/** `discriminator.…` */
export const discriminatorSection = z.strictObject({
  architecture: z
    .enum(Object.keys(DISCRIMINATORS) as DiscriminatorName[])
    .default("resnet-cifar")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} resnet_cifar`,
        "The discriminator's network; it must take images in the range the generator makes.",
      ),
    ),
  width: z
    .int()
    .min(4)
    .max(2048)
    .default(128)
    .meta(
      notes(
        "channels",
        FULL_WIDTH,
        "Channels of the discriminator's first map; the others are scaled alike. Left out, the published ones.",
      ),
    ),
  norm: z
    .enum(DISCRIMINATOR_NORMS)
    .default("none")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} resnet_cifar`,
        "Normalization inside the discriminator: none, or layer norm before its activations.",
      ),
    ),
  spectralNorm: z
    .boolean()
    .default(true)
    .meta(
      notes("", SNGAN, "Spectral normalization of every kernel of the discriminator, its heads included."),
    ),
  batchSpread: z
    .boolean()
    .default(false)
    .meta(
      notes(
        "",
        OURS,
        "Whether the discriminator also judges a batch as a whole, by how different its images are (after Karras et al. 2018, minibatch standard deviation).",
      ),
    ),
  attention: attentionOf("discriminator"),
  initialization: initializationOf("discriminator"),
  shortcut: z
    .enum(DISCRIMINATOR_SHORTCUTS)
    .default("input")
    .meta(
      notes(
        "",
        SNGAN,
        "What the shortcuts of residual blocks read. activated: the input after the first ReLU, as mimicry's networks do, whose ReLU works in place.",
      ),
    ),
  pool: z
    .enum(DISCRIMINATOR_POOLS)
    .default("published")
    .meta(
      notes(
        "",
        SNGAN,
        "How a residual discriminator pools its last map over the places: as its architecture was published, by the sum, or by the mean (mimicry's WGAN-GP).",
      ),
    ),
  frozenBlocks: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .meta(
      notes(
        "blocks",
        OURS,
        "Blocks of the discriminator, from the image on, that keep the weights of training.init (FreezeD: Mo et al. 2020).",
      ),
    ),
  conditioning: z
    .enum(CONDITIONINGS)
    .default("none")
    .meta(
      notes(
        "",
        paper("§3"),
        "How the discriminator is told the class, with generator.norm=conditional. projection: Miyato and Koyama 2018. predicted: the same for data with few labels, where a head of its own predicts the others (S3GAN, Lucic et al. 2019), with data.unlabeled=keep and objective.auxiliary=classes:1; predicted-soft: all classes by their predicted probabilities.",
      ),
    ),
});
