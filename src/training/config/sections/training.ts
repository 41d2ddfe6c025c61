/**
 * Configuration of a run: the run: how long, in which batches, from which seed; what is saved,
 * drawn and measured on the way.
 */
import { z } from "zod";
import { PROTOCOLS } from "../../../metrics/protocol.ts";
import { MIN_IMAGES } from "../../../metrics/sample-counts.ts";
import { ADAPTIVE_CHOICES } from "../../../objectives/augment/adaptive.ts";
import { CURVES } from "../../loop/schedule.ts";
import { COMPARE_GAN, count, fraction, MIMICRY, notes, OURS, paper } from "./notes.ts";

/** `training.…` */
export const trainingSection = z.strictObject({
  steps: count()
    .default(100_000)
    .meta(notes("generator steps", paper("figure 4"), "Length of the run.")),
  batchSize: count()
    .max(4096)
    .default(64)
    .meta(notes("images", MIMICRY, "Upright images an update.")),
  accumulate: count()
    .max(1024)
    .default(1)
    .meta(
      notes(
        "micro-batches",
        OURS,
        "Parts the batch is cut into; their gradients are averaged. More take less memory and more time.",
      ),
    ),
  augment: z
    .string()
    .min(1)
    .default("none")
    .meta(
      notes(
        "",
        "Zhao et al. 2020 (DiffAugment)",
        "Differentiable augmentation of all that the discriminator sees: none, or a list of colour, translation and cutout.",
      ),
    ),
  adaptive: z
    .enum(ADAPTIVE_CHOICES)
    .default("none")
    .meta(
      notes(
        "",
        OURS,
        "What is done the more, the more the discriminator overfits. ada: each augmentation of augment, with a probability (Karras et al. 2020). apa: generated images in the place of real ones (Jiang et al. 2021).",
      ),
    ),
  adaptiveTarget: z
    .number()
    .gt(-1)
    .lt(1)
    .default(0.6)
    .meta(
      notes(
        "",
        "Karras et al. 2020 (ADA)",
        "Mean sign of the scores of real images that adaptive aims at; above it, the probability rises.",
      ),
    ),
  adaptiveImages: z
    .number()
    .gt(0)
    .default(500)
    .meta(
      notes(
        "thousand images",
        "Karras et al. 2020 (ADA)",
        "Real images in which the probability of adaptive can rise from 0 to 1.",
      ),
    ),
  discIters: count()
    .max(100)
    .default(2)
    .meta(notes("steps", MIMICRY, "Discriminator steps before each generator step.")),
  seed: z
    .int()
    .min(0)
    .default(1)
    .meta(notes("", OURS, "Seed of every random stream: weights, order of the data, latents.")),
  init: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "A run folder whose newest weights this run begins with, of both networks, averages and statistics included; null: fresh ones.",
      ),
    ),
  rescue: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .meta(
      notes(
        "times",
        OURS,
        "How often a run whose generator collapses goes back to before that, with another game or half the learning rate; 0: never.",
      ),
    ),
  ema: fraction()
    .default(0.999)
    .meta(
      notes("per step", OURS, "Decay of the moving average of the generator's weights; 0 switches it off."),
    ),
  emaStart: z
    .int()
    .min(0)
    .default(1000)
    .meta(notes("generator steps", OURS, "The average follows the weights exactly until this step.")),
  emaHalfLife: z
    .number()
    .gt(0)
    .nullable()
    .default(null)
    .meta(
      notes(
        "thousand images",
        OURS,
        "In place of the decay ema: images after which the average has forgotten half, at the last step, grown from 0 as curve says; null: ema.",
      ),
    ),
  curve: z
    .enum(CURVES)
    .default("line")
    .meta(
      notes(
        "",
        OURS,
        "How alphaEnd, betaEnd, lambdaEnd, beta2End and emaHalfLife are reached: in a line, or along half a cosine.",
      ),
    ),
  checkpointEvery: count()
    .default(5000)
    .meta(notes("generator steps", COMPARE_GAN, "How often a checkpoint is written.")),
  keepCheckpoints: count()
    .default(3)
    .meta(notes("checkpoints", OURS, "How many of the latest are kept.")),
  sampleEvery: count()
    .default(500)
    .meta(notes("generator steps", "mimicry trainer.py", "How often a grid of samples is written.")),
  evaluateEvery: z
    .union([z.int().min(0), z.literal("auto")])
    .default(0)
    .meta(
      notes(
        "generator steps",
        OURS,
        "How often FID and KID are measured; 0: never; auto: as often as costs 3 % of the time of the updates, measured as the run goes.",
      ),
    ),
  evaluateSamples: z
    .int()
    .min(MIN_IMAGES)
    .default(2048)
    .meta(
      notes(
        "images",
        OURS,
        "Samples of one measurement (with auto the most), with the averaged weights where there are any. Enough to see a trend; evaluate measures by the book.",
      ),
    ),
  evaluateProtocol: z
    .enum(PROTOCOLS.map(({ name }) => name) as [string, ...string[]])
    .default("paper")
    .meta(notes("", OURS, "Protocol of the measurements, but for the number of samples and repeats.")),
  evaluateFeatures: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "Feature network: a name or the path of an ONNX file. null: what the run was measured with before, else inception where it has been added, else the built-in one.",
      ),
    ),
  keepBest: z
    .enum(["none", "fid", "kid"])
    .default("fid")
    .meta(notes("", OURS, "By which measurement the best checkpoint is saved and kept besides the latest.")),
  probeEvery: z
    .int()
    .min(0)
    .default(0)
    .meta(
      notes(
        "generator steps",
        `${paper("figure 2")}, which has it every 100,000`,
        "How often a quick linear probe of the discriminator is made (docs/studies.md), and at step 0; 0: never. Needs labeled images.",
      ),
    ),
  probeData: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "Labeled images of the probe, as data.source; null: those of the run, which may have labels it does not use.",
      ),
    ),
});
