/**
 * The configuration of a training run: the one source of truth. Types, defaults, validation, `--help`, `presets` and the
 * documentation table all come from the zod schema below. Every value names its unit, where its default comes from, and what it does.
 *
 * The defaults are those of the paper's CIFAR-10 experiment. Sources: "paper" is arXiv 1811.11212; "as reproduced by mimicry" are
 * the paper's values as kwotsin/mimicry gives them, whose reproduction reaches the published FID; "compare_gan" is the authors'
 * code (google/compare_gan), which ships no configuration of the experiment itself.
 */
import { z } from "zod";
import { PREPROCESSINGS, RESIZES } from "../../data/preprocessing.ts";
import { SPLITS } from "../../data/store.ts";
import { DEVICES } from "../../engine/engine.ts";
import { PROTOCOLS } from "../../metrics/protocol.ts";
import { DISCRIMINATOR_NORMS, GENERATOR_NORMS } from "../../models/model.ts";
import {
  DISCRIMINATORS,
  type DiscriminatorName,
  GENERATORS,
  type GeneratorName,
} from "../../models/registry.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLossName } from "../../objectives/adversarial.ts";
import { PENALTY_NAMES } from "../../objectives/penalties/registry.ts";
import { CONDITIONINGS, SELF_SUPERVISIONS, TURN_CHOICES } from "../../objectives/settings.ts";

/** What is said about a value besides its type. */
export type ValueNotes = {
  readonly unit: string;
  /** Where the default comes from. */
  readonly source: string;
  readonly description: string;
};

const paper = (place: string): string => `paper ${place}`;
const COMPARE_GAN = "compare_gan";
const MIMICRY = "paper, as reproduced by mimicry";
const OURS = "this project";
const FULL_WIDTH = "the architecture, as published";

const notes = (unit: string, source: string, description: string): ValueNotes => ({
  unit,
  source,
  description,
});

/** A whole number from 1 up. */
const count = () => z.int().min(1);
/** A real number in [0, 1). */
const fraction = () => z.number().min(0).lt(1);

/** How learning rates change over a run. */
export const DECAYS = ["none", "linear", "exponential", "staircase"] as const;

/** Image sides some architecture is made for, ascending; not every one is made for all. */
export const RESOLUTIONS: readonly number[] = [
  ...new Set(Object.values(GENERATORS).flatMap(({ resolutions }) => resolutions)),
].sort((a, b) => a - b);

const data = z.strictObject({
  source: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "Where the images are: a folder, an archive, a built-in name, or format:PATH (docs/data.md). null is the built-in emoji data set.",
      ),
    ),
  resolution: z
    .literal([...RESOLUTIONS])
    .default(32)
    .meta(notes("pixels", paper("§4 (CIFAR-10)"), "Side of the square images the networks see.")),
  split: z
    .enum(SPLITS)
    .default("train")
    .meta(
      notes(
        "",
        paper("§4 (CIFAR-10)"),
        "Which part of the data set is trained on. Only STL-10 has an unlabelled one.",
      ),
    ),
  preprocessing: z
    .enum(PREPROCESSINGS)
    .default("centre-crop")
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "How an image becomes square: the largest centred square; a random one of 50–100 % of the area (ImageNet in compare_gan); " +
          "the centre unresized, or with a black border (LSUN); the centre of 178 or 160 pixels (CelebA).",
      ),
    ),
  resize: z
    .enum(RESIZES)
    .default("lanczos3")
    .meta(
      notes(
        "",
        OURS,
        "Filter that resizes the square: lanczos3 is free of aliasing; bilinear-tf1 is TensorFlow 1's, as compare_gan's data had it.",
      ),
    ),
  classes: z
    .int()
    .min(0)
    .max(65_536)
    .default(0)
    .meta(
      notes(
        "classes",
        paper("§3"),
        "Classes the networks are told; 0: none. Taken from the data when a conditional GAN is asked for and nothing is given.",
      ),
    ),
});

const generator = z.strictObject({
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
        "Normalisation before each ReLU of the generator: batch norm, its scales and shifts learned, or made from z (self-modulated) or from the class (conditional); or none.",
      ),
    ),
  spectralNorm: z
    .boolean()
    .default(false)
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Spectral normalisation of the generator's kernels, those that make scales and shifts included.",
      ),
    ),
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
  latentSize: count()
    .max(4096)
    .default(128)
    .meta(notes("numbers", MIMICRY, "Length of the latent vector z.")),
  latentDistribution: z
    .enum(["normal", "uniform"])
    .default("normal")
    .meta(
      notes(
        "",
        "Miyato et al. 2018 (SN-GAN), which the paper follows",
        "normal: z ~ N(0, 1). uniform: z ~ U(-1, 1).",
      ),
    ),
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

const discriminator = z.strictObject({
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
        "Normalisation inside the discriminator: none, or layer norm before its activations.",
      ),
    ),
  spectralNorm: z
    .boolean()
    .default(true)
    .meta(
      notes(
        "",
        "Miyato et al. 2018 (SN-GAN), which the paper follows",
        "Spectral normalisation of every kernel of the discriminator, its heads included.",
      ),
    ),
  conditioning: z
    .enum(CONDITIONINGS)
    .default("none")
    .meta(
      notes(
        "",
        paper("§3"),
        "How the discriminator is told the class. projection: Miyato and Koyama 2018, with generator.norm=conditional.",
      ),
    ),
});

const objective = z.strictObject({
  loss: z
    .enum(Object.keys(ADVERSARIAL_LOSSES) as AdversarialLossName[])
    .default("hinge")
    .meta(notes("", MIMICRY, "Adversarial loss.")),
  selfSupervision: z
    .enum(SELF_SUPERVISIONS)
    .default("rotation")
    .meta(
      notes(
        "",
        paper("§3"),
        "rotation: SS-GAN. rotation-only: without the adversarial loss, the paper's ablation. none: a plain GAN.",
      ),
    ),
  turns: z
    .enum(TURN_CHOICES)
    .default("all")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} ssgan.py`,
        "all: some images in all four turns, in one pass with the others. one: each image in one turn, in a pass of its own (mimicry).",
      ),
    ),
  alpha: z
    .number()
    .min(0)
    .default(0.2)
    .meta(
      notes(
        "",
        `${COMPARE_GAN} ssgan.py`,
        "Weight of the rotation loss of generated images in the generator's loss.",
      ),
    ),
  alphaEnd: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "alpha at the last step, reached in a line; null: constant. At 0 the generator's optimum is the data again (paper §3).",
      ),
    ),
  beta: z
    .number()
    .min(0)
    .default(1)
    .meta(
      notes(
        "",
        `${COMPARE_GAN} ssgan.py`,
        "Weight of the rotation loss of real images in the discriminator's loss.",
      ),
    ),
  betaEnd: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .meta(notes("", OURS, "beta at the last step, reached in a line; null: constant.")),
  rotatedBatch: z
    .int()
    .min(4)
    .multipleOf(4)
    .default(64)
    .meta(
      notes(
        "images",
        MIMICRY,
        "Rotated images an update. turns=all: a quarter of it is taken from the batch; turns=one: all of it.",
      ),
    ),
  penalty: z
    .enum(PENALTY_NAMES)
    .default("none")
    .meta(
      notes(
        "",
        MIMICRY,
        "Penalty in the discriminator's loss: on its slope between real and generated images (wgan-gp), around real ones (dragan), or on its kernels (l2).",
      ),
    ),
  lambda: z
    .number()
    .min(0)
    .default(0)
    .meta(
      notes(
        "",
        MIMICRY,
        "Weight of the penalty. With a penalty and nothing given it is 1, compare_gan's default.",
      ),
    ),
});

const optimizer = z.strictObject({
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .default(2e-4)
    .meta(notes("", MIMICRY, "Adam's step size, for both networks.")),
  discriminatorLearningRate: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(null)
    .meta(notes("", OURS, "Adam's step size for the discriminator, if another one; null: the same.")),
  beta1: fraction()
    .default(0)
    .meta(notes("", MIMICRY, "Adam's decay of the first moment.")),
  beta2: fraction()
    .default(0.9)
    .meta(notes("", MIMICRY, "Adam's decay of the second moment.")),
  decay: z
    .enum(DECAYS)
    .default("none")
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Learning rates over the run: constant; in a line to 0 at the last step; by decayRate every decayEvery steps, smoothly (exponential) or at once (staircase).",
      ),
    ),
  decayStart: z
    .int()
    .min(0)
    .default(0)
    .meta(notes("generator steps", OURS, "The learning rates are constant until this step.")),
  decayRate: z
    .number()
    .gt(0)
    .max(1)
    .default(0.96)
    .meta(
      notes(
        "",
        "zhangqianhui Model.py",
        "Factor of an exponential or staircase decay, for decayEvery steps.",
      ),
    ),
  decayEvery: count()
    .default(5000)
    .meta(
      notes(
        "generator steps",
        "zhangqianhui Model.py",
        "Steps for which decayRate is the factor of an exponential or staircase decay.",
      ),
    ),
});

const training = z.strictObject({
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
  discIters: count()
    .max(100)
    .default(2)
    .meta(notes("steps", MIMICRY, "Discriminator steps before each generator step.")),
  seed: z
    .int()
    .min(0)
    .default(1)
    .meta(notes("", OURS, "Seed of every random stream: weights, order of the data, latents.")),
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
    .int()
    .min(0)
    .default(0)
    .meta(notes("generator steps", OURS, "How often FID and KID are measured; 0: never.")),
  evaluateSamples: z
    .int()
    .min(2)
    .default(2048)
    .meta(
      notes(
        "images",
        OURS,
        "Samples of one measurement, with the averaged weights where there are any. Enough to see a trend; evaluate measures by the book.",
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
    .meta(notes("", OURS, "Feature network: a name or the path of an ONNX file. null is the built-in one.")),
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
        "How often a quick linear probe of the discriminator is made (docs/studies.md), and at step 0; 0: never. Needs labelled images.",
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
        "Labelled images of the probe, as data.source; null: those of the run, which may have labels it does not use.",
      ),
    ),
});

const engine = z.strictObject({
  device: z
    .enum(DEVICES)
    .default("auto")
    .meta(notes("", OURS, "What computes. auto is the CPU, which is everywhere and resumes bit for bit.")),
  threads: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .meta(
      notes("threads", OURS, "Threads for the arithmetic; 0 takes the cores this process may really use."),
    ),
});

/** The whole configuration; `{}` parses to the defaults. Unknown keys are refused. */
export const configSchema = z.strictObject({
  data: data.prefault({}),
  generator: generator.prefault({}),
  discriminator: discriminator.prefault({}),
  objective: objective.prefault({}),
  optimizer: optimizer.prefault({}),
  training: training.prefault({}),
  engine: engine.prefault({}),
});

/** A complete, validated configuration. */
export type Config = z.output<typeof configSchema>;
