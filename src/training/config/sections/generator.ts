/**
 * Configuration of a run: the generator: its network, its latent vector, and how it is sampled
 * from.
 */
import { z } from "zod";
import { GENERATOR_NORMS } from "../../../models/model.ts";
import { GENERATORS, type GeneratorName } from "../../../models/registry.ts";
import { attentionOf } from "./attention.ts";
import { initializationOf } from "./initialization.ts";
import { COMPARE_GAN, count, FULL_WIDTH, MIMICRY, notes, OURS, SNGAN } from "./notes.ts";

/** `generator.…` */
export const generatorSection = z.strictObject({
  architecture: z
    .enum(Object.keys(GENERATORS) as GeneratorName[])
    .default("resnet-cifar")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} resnet_cifar`,
        "The generator's network (docs/architectures.md), for images of the sides it is made for.",
      ),
    ),
  width: z
    .int()
    .min(4)
    .max(2048)
    .default(256)
    .meta(
      notes(
        "channels",
        FULL_WIDTH,
        "Channels of the generator's first map; the others are scaled alike. Left out, the published ones.",
      ),
    ),
  norm: z
    .enum(GENERATOR_NORMS)
    .default("batch")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} resnet_cifar`,
        "Normalization before each ReLU of the generator: batch norm, its scales and shifts learned, or made from z (self-modulated) or from the class (conditional); or none.",
      ),
    ),
  spectralNorm: z
    .boolean()
    .default(false)
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Spectral normalization of the generator's kernels, those that make scales and shifts included.",
      ),
    ),
  attention: attentionOf("generator"),
  initialization: initializationOf("generator"),
  hierarchicalLatent: z
    .boolean()
    .default(false)
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Whether z is cut into chunks, one for the first layer and one for the norms of each block.",
      ),
    ),
  classEmbedding: z
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .meta(
      notes(
        "numbers",
        OURS,
        "Length of an embedding of the class that all conditional norms of a residual generator read (BigGAN: 128); 0: each norm has a vector for each class.",
      ),
    ),
  latentSize: count()
    .max(4096)
    .default(128)
    .meta(notes("numbers", MIMICRY, "Length of the latent vector z.")),
  latentDistribution: z
    .enum(["normal", "uniform"])
    .default("normal")
    .meta(notes("", SNGAN, "normal: z ~ N(0, 1). uniform: z ~ U(-1, 1).")),
  evaluationLatents: z
    .enum(["as-training", "normal", "uniform"])
    .default("as-training")
    .meta(
      notes(
        "",
        OURS,
        "Distribution of z for samples, exports and metrics. compare_gan sets it apart from the training's, and forgetting one of the two ruins the scores.",
      ),
    ),
  statistics: z
    .enum(["running", "standing"])
    .default("running")
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Batch-norm statistics of samples, exports and metrics. running: moving averages of training. standing: means over many batches generated for it.",
      ),
    ),
  standingSamples: count()
    .default(204_800)
    .meta(
      notes(
        "images",
        `${COMPARE_GAN} eval_gan_lib.py`,
        "Generated images that standing statistics are taken from.",
      ),
    ),
});
