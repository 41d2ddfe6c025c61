/**
 * BigGAN (Brock et al. 2019, arXiv 1809.11096) in the form of its authors' PyTorch code
 * (ajbrock/BigGAN-PyTorch, BigGAN.py), and in that of google/compare_gan (resnet_biggan.py). With
 * conditional norms on a class embedding of 128 numbers, a hierarchical z of 120, self-attention at
 * 64 and the projection of 1,000 classes both have 70,433,988 and 87,982,370 parameters at 128 ×
 * 128, as published.
 *
 * compare_gan's differs in what it inserts when it enlarges (zeros), in shortcuts of the
 * discriminator (none where the channels stay), in the range of images, and in the tables for 32
 * and 64 pixels.
 */
import { add, mul, sum, tanh } from "../graph/index.ts";
import { fans, orthogonal, uniform, zeros } from "../nn/initializers.ts";
import { nearestNeighbor, zeroInsertion } from "../nn/resample.ts";
import { down, same, times, up } from "./block-rows.ts";
import { NORM } from "./compare-gan.ts";
import {
  type GeneratorTable,
  type ResidualFamily,
  residualDiscriminator,
  residualGenerator,
  type Tables,
} from "./residual-networks.ts";

const AUTHORS: ResidualFamily = {
  imageRange: "symmetric",
  kernels: { block: orthogonal, shortcut: orthogonal, ends: orthogonal },
  // PyTorch's default for biases, which the code leaves alone: U(±1/√fanIn).
  bias: (kernel) => uniform(1 / Math.sqrt(fans(kernel).fanIn)),
  norm: { epsilon: 1e-5, decay: 0.9, unbiasedRunningVariance: true },
  plainFinalNorm: true,
  // An embedding layer of PyTorch, which is no layer with spectral normalization.
  normalizedClassVectors: false,
  upsample: nearestNeighbor,
  shortcut: { generator: "1x1 where needed", discriminator: "1x1 where needed" },
  firstBlock: { withoutRelu: true, activatedEnd: false },
  discriminatorHidden: "out",
  pool: (features) => sum(features, [2, 3]),
  activation: tanh,
};

const COMPARE_GAN_FORM: ResidualFamily = {
  ...AUTHORS,
  imageRange: "unit",
  bias: () => zeros,
  norm: NORM,
  normalizedClassVectors: true,
  upsample: zeroInsertion,
  shortcut: { generator: "always 1x1", discriminator: "1x1 or none" },
  // ReLU leaves an image in [0, 1] as it is.
  firstBlock: { withoutRelu: false, activatedEnd: false },
  activation: (x) => mul(add(tanh(x), 1), 0.5),
};

const SEED_SIDE = 4;
/** Channels by the code's unit `ch`: of the seed and behind each block. */
const generatorTable = (unit: number, [seed = 1, ...blocks]: readonly number[]): GeneratorTable => ({
  seed: { channels: unit * seed, side: SEED_SIDE },
  blocks: blocks.map((count) => up(unit * count)),
});

const AT_128 = [16, 16, 8, 4, 2, 1];
const AT_64 = [16, 16, 8, 4, 2];
const AT_32 = [4, 4, 4, 4];

/** `ch` is 96 in the authors' script for ImageNet at 128, and 64 by default. */
const GENERATORS: Tables<GeneratorTable> = {
  32: generatorTable(64, AT_32),
  64: generatorTable(64, AT_64),
  128: generatorTable(96, AT_128),
};

/** The generator of the authors' PyTorch code. */
export const bigganGenerator = residualGenerator(AUTHORS, GENERATORS);

/** The discriminator of the authors' PyTorch code. */
export const bigganDiscriminator = residualDiscriminator(AUTHORS, {
  32: [down(256), down(256), same(256), same(256)],
  64: [down(64), down(128), down(256), down(512), same(1024)],
  128: [down(96), down(192), down(384), down(768), down(1536), same(1536)],
});

/** The generator of compare_gan: `ch` is 96 everywhere. */
export const resnetBigganGenerator = residualGenerator(COMPARE_GAN_FORM, {
  32: generatorTable(96, AT_32),
  64: generatorTable(96, AT_64),
  128: generatorTable(96, AT_128),
});

/** The discriminator of compare_gan. */
export const resnetBigganDiscriminator = residualDiscriminator(COMPARE_GAN_FORM, {
  32: [...times(3, down(192)), same(192)],
  64: [down(192), down(384), down(768), down(1536), same(1536)],
  128: [down(96), down(192), down(384), down(768), down(1536), same(1536)],
});
