/**
 * The configuration of a training run: the one source of truth. Types, defaults, validation, `--help`, `presets` and the
 * documentation table all come from the zod schema below. Every value names its unit, where its default comes from, and what it does.
 *
 * The defaults are those of the paper's CIFAR-10 experiment. Sources: "paper" is arXiv 1811.11212; "as reproduced by mimicry" are
 * the paper's values as kwotsin/mimicry gives them, whose reproduction reaches the published FID; "compare_gan" is the authors'
 * code (google/compare_gan), which ships no configuration of the experiment itself.
 */
import { z } from "zod";
import { DEVICES } from "../../engine/engine.ts";
import { PROTOCOLS } from "../../metrics/protocol.ts";
import {
  DISCRIMINATORS,
  type DiscriminatorName,
  GENERATORS,
  type GeneratorName,
} from "../../models/registry.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLossName } from "../../objectives/adversarial.ts";

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

const notes = (unit: string, source: string, description: string): ValueNotes => ({
  unit,
  source,
  description,
});

/** A whole number from 1 up. */
const count = () => z.int().min(1);
/** A real number in [0, 1). */
const fraction = () => z.number().min(0).lt(1);

/** Image sides for which both networks exist. */
export const RESOLUTIONS = [16, 32, 64, 128] as const;

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
        "Where the images are: a folder, a built-in name, or format:PATH. null is the built-in emoji data set.",
      ),
    ),
  resolution: z
    .literal([...RESOLUTIONS])
    .default(32)
    .meta(notes("pixels", paper("§4 (CIFAR-10)"), "Side of the square images the networks see.")),
  split: z
    .enum(["train", "test", "all"])
    .default("train")
    .meta(
      notes(
        "",
        paper("§4 (CIFAR-10)"),
        "Which part of the data set is trained on, where the source has parts.",
      ),
    ),
  preprocessing: z
    .enum(["centre-crop"])
    .default("centre-crop")
    .meta(notes("", COMPARE_GAN, "How an image becomes square: the largest centred square, then resized.")),
});

const generator = z.strictObject({
  architecture: z
    .enum(Object.keys(GENERATORS) as GeneratorName[])
    .default("resnet-cifar")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} resnet_cifar`,
        "resnet-cifar: the paper's network. sngan-resnet: the one of mimicry.",
      ),
    ),
  width: z
    .int()
    .min(4)
    .max(2048)
    .default(256)
    .meta(notes("channels", `${COMPARE_GAN} resnet_cifar`, "Channels of the generator's 4×4 seed.")),
  norm: z
    .enum(["batch", "none"])
    .default("batch")
    .meta(notes("", `${COMPARE_GAN} resnet_cifar`, "Normalisation before each ReLU of the generator.")),
  spectralNorm: z
    .boolean()
    .default(false)
    .meta(notes("", COMPARE_GAN, "Spectral normalisation of the generator's kernels.")),
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
});

const discriminator = z.strictObject({
  architecture: z
    .enum(Object.keys(DISCRIMINATORS) as DiscriminatorName[])
    .default("resnet-cifar")
    .meta(notes("", `${COMPARE_GAN} resnet_cifar`, "Must be of the generator's family.")),
  width: z
    .int()
    .min(4)
    .max(2048)
    .default(128)
    .meta(notes("channels", `${COMPARE_GAN} resnet_cifar`, "Channels of the discriminator's blocks.")),
  norm: z
    .enum(["none"])
    .default("none")
    .meta(notes("", `${COMPARE_GAN} resnet_cifar`, "Normalisation inside the discriminator.")),
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
    .enum(["none"])
    .default("none")
    .meta(notes("", paper("§3"), "Class conditioning: none, as labels are not used.")),
});

const objective = z.strictObject({
  loss: z
    .enum(Object.keys(ADVERSARIAL_LOSSES) as AdversarialLossName[])
    .default("hinge")
    .meta(notes("", MIMICRY, "Adversarial loss.")),
  selfSupervision: z
    .enum(["rotation", "none"])
    .default("rotation")
    .meta(notes("", paper("§3"), "rotation: SS-GAN. none: a plain GAN, for comparison.")),
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
  rotatedBatch: z
    .int()
    .min(4)
    .multipleOf(4)
    .default(64)
    .meta(
      notes(
        "images",
        MIMICRY,
        "Rotated images a step: a quarter of it is taken from the batch, each in four turns.",
      ),
    ),
  penalty: z
    .enum(["none"])
    .default("none")
    .meta(notes("", MIMICRY, "Gradient penalty.")),
  lambda: z
    .number()
    .min(0)
    .default(0)
    .meta(notes("", MIMICRY, "Weight of the penalty.")),
});

const optimizer = z.strictObject({
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .default(2e-4)
    .meta(notes("", MIMICRY, "Adam's step size, for both networks.")),
  beta1: fraction()
    .default(0)
    .meta(notes("", MIMICRY, "Adam's decay of the first moment.")),
  beta2: fraction()
    .default(0.9)
    .meta(notes("", MIMICRY, "Adam's decay of the second moment.")),
  decay: z
    .enum(["none", "linear"])
    .default("none")
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Learning rate over the run: constant, or falling in a line to 0 at the last step.",
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
    .meta(notes("images", MIMICRY, "Upright images a step.")),
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
