/**
 * Networks that kwotsin/mimicry has trained (netG.pth, netD.pth), under the names and in the layout
 * of this program. All of its residual networks (SNGAN, SSGAN, InfoMax-GAN, WGAN-GP, cGAN-PD) have
 * the shape of `sngan-resnet`:
 *
 *     l1                    → fcNoise                       [C·b², Z], reshaped to [C, b, b] by both
 *     block(i + 1)          → block i                       c1, c2, c_sc, b1, b2 → conv1, conv2, shortcut, norm1, norm2
 *     b(n), c(n)            → finalNorm, finalConv          n = number of blocks + 2
 *     l(n) of D, l_y        → finalFc, rotation or projection
 *     local_nrkhs_*, …      → infomax/…                     1 × 1 kernels are linear ones here
 *     sn_u [1, out]         → u = norm(Wᵀ sn_u)             this program keeps the other of the two vectors (nn/spectral-norm.ts)
 *
 * Kernels are [out, in, kh, kw] in both.
 */
import { UserError } from "../../base/errors.ts";
import { sizeOf } from "../../graph/index.ts";
import type { NamedTensor } from "../safetensors.ts";

/** A file of weights. */
export interface SavedNetwork {
  /** Its name, for messages. */
  readonly where: string;
  /** By PyTorch's names. */
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: unknown }>;
}

/** What a network is in this program. */
export interface ImportedNetwork {
  /** Values of the configuration that follow from it, by path. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Parameters and buffers by this program's names. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
}

interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Sides of images by the side of the first map and the number of blocks that double it. */
const side = (bottom: number, blocks: number): number => bottom * 2 ** blocks;
const SIDES: readonly number[] = [32, 48, 64, 128];

/** The tensors of a file, each taken once, so that what is left over is known. */
function open({ tensors, where }: SavedNetwork, what: string) {
  const left = new Set(tensors.keys());
  const foreign = (detail: string): UserError =>
    new UserError(
      `${where} is not a ${what} of mimicry's residual networks: ${detail}.`,
      "Networks of SNGAN, SSGAN, cGAN-PD, InfoMax-GAN and WGAN-GP can be imported (32, 48, 64 and 128 pixels).",
    );
  const find = (name: string): FloatTensor | undefined => {
    const tensor = tensors.get(name);
    if (tensor === undefined) return undefined;
    if (!(tensor.data instanceof Float32Array)) throw foreign(`${name} has no numbers of type float`);
    left.delete(name);
    return { shape: tensor.shape, data: tensor.data };
  };
  const take = (name: string, rank: number): FloatTensor => {
    const tensor = find(name);
    if (!tensor) throw foreign(`it has no tensor ${name}`);
    if (tensor.shape.length !== rank)
      throw foreign(`${name} is [${tensor.shape.join(", ")}], not of rank ${rank}`);
    return tensor;
  };
  return {
    foreign,
    find,
    take,
    has: (name: string): boolean => tensors.has(name),
    /** Blocks are numbered without a gap. */
    blocksFrom(first: number): number {
      let count = 0;
      while (tensors.has(`block${first + count}.c1.weight`)) count++;
      return count;
    },
    /** What only training needs is passed over. */
    end(): void {
      const rest = [...left].filter((name) => !/(num_batches_tracked|sn_sigma)$/.test(name));
      if (rest.length > 0)
        throw foreign(`it has ${rest.length} tensors that such a network has not, ${rest[0]} among them`);
    },
  };
}

type Opened = ReturnType<typeof open>;
type Weights = Map<string, NamedTensor>;

/**
 * A convolution or linear layer with its bias, and the vector of its spectral norm where it has
 * one.
 */
function layer(file: Opened, weights: Weights, from: string, to: string, rank: number): FloatTensor {
  const kernel = file.take(`${from}.weight`, rank);
  weights.set(`${to}/kernel`, kernel);
  weights.set(`${to}/bias`, file.take(`${from}.bias`, 1));
  const vector = file.find(`${from}.sn_u`);
  if (vector) weights.set(`${to}/u`, rightVector(kernel, vector.data));
  return kernel;
}

/**
 * norm(Wᵀ u) for a kernel as a matrix W [out, in·kh·kw]: the vector that this program's power
 * iteration keeps.
 */
function rightVector({ shape, data }: FloatTensor, u: Float32Array): FloatTensor {
  const columns = sizeOf(shape) / shape[0]!;
  const sums = new Float64Array(columns);
  for (let row = 0; row < shape[0]!; row++)
    for (let j = 0; j < columns; j++) sums[j]! += data[row * columns + j]! * u[row]!;
  const length = Math.sqrt(sums.reduce((total, value) => total + value * value, 0)) || 1;
  return { shape: [columns], data: Float32Array.from(sums, (value) => value / length) };
}

/** A batch norm; a conditional one has a table of [γ, β] for each class instead of one of each. */
function norm(file: Opened, weights: Weights, from: string, to: string): void {
  const table = file.find(`${from}.embed.weight`);
  const statistics = table ? `${from}.bn` : from;
  weights.set(`${to}/mean`, file.take(`${statistics}.running_mean`, 1));
  weights.set(`${to}/variance`, file.take(`${statistics}.running_var`, 1));
  if (!table) {
    weights.set(`${to}/gamma`, file.take(`${from}.weight`, 1));
    weights.set(`${to}/beta`, file.take(`${from}.bias`, 1));
    return;
  }
  const [classes = 0, both = 0] = table.shape;
  const channels = both / 2;
  const half = (offset: number): FloatTensor => {
    const data = new Float32Array(channels * classes);
    for (let c = 0; c < channels; c++)
      for (let k = 0; k < classes; k++) data[c * classes + k] = table.data[k * both + offset + c]!;
    return { shape: [channels, classes], data };
  };
  weights.set(`${to}/gamma/kernel`, half(0));
  weights.set(`${to}/beta/kernel`, half(channels));
}

function block(file: Opened, weights: Weights, from: string, to: string): void {
  layer(file, weights, `${from}.c1`, `${to}/conv1`, 4);
  layer(file, weights, `${from}.c2`, `${to}/conv2`, 4);
  if (file.has(`${from}.c_sc.weight`)) layer(file, weights, `${from}.c_sc`, `${to}/shortcut`, 4);
}

/**
 * A generator of mimicry as one of ours.
 * @throws UserError when the file holds another network, or anything beside this one
 */
export function importGenerator(saved: SavedNetwork): ImportedNetwork {
  const file = open(saved, "generator");
  const weights: Weights = new Map();
  const seed = layer(file, weights, "l1", "generator/fcNoise", 2);
  const blocks = file.blocksFrom(2);
  if (blocks === 0) throw file.foreign("it has no tensor block2.c1.weight");
  for (let i = 1; i <= blocks; i++) {
    const [from, to] = [`block${i + 1}`, `generator/block${i}`];
    block(file, weights, from, to);
    norm(file, weights, `${from}.b1`, `${to}/norm1`);
    norm(file, weights, `${from}.b2`, `${to}/norm2`);
  }
  norm(file, weights, `b${blocks + 2}`, "generator/finalNorm");
  layer(file, weights, `c${blocks + 2}`, "generator/finalConv", 4);
  file.end();

  const width = weights.get("generator/block1/conv1/kernel")!.shape[1]!;
  const resolution = side(Math.sqrt(seed.shape[0]! / width), blocks);
  if (!SIDES.includes(resolution)) throw file.foreign(`its images would have a side of ${resolution} pixels`);
  const gamma = weights.get("generator/block1/norm1/gamma/kernel");
  return {
    settings: {
      "data.resolution": resolution,
      "generator.architecture": "sngan-resnet",
      "generator.width": width,
      "generator.latentSize": seed.shape[1]!,
      ...(gamma && { "data.classes": gamma.shape[1]!, "generator.norm": "conditional" }),
    },
    weights,
  };
}

/** Layers of InfoMax-GAN's projections, with the names they have here. */
const PROJECTIONS = [
  ["local_nrkhs_a", "localHidden", 4],
  ["local_nrkhs_b", "localOut", 4],
  ["local_nrkhs_sc", "localShortcut", 4],
  ["global_nrkhs_a", "globalHidden", 2],
  ["global_nrkhs_b", "globalOut", 2],
  ["global_nrkhs_sc", "globalShortcut", 2],
] as const;

/**
 * The projections; a 1 × 1 convolution [out, in, 1, 1] is the linear layer [out, in] on every
 * place.
 */
function projections(file: Opened, weights: Weights): void {
  for (const [from, to, rank] of PROJECTIONS) {
    const name = `discriminator/infomax/${to}`;
    const kernel = layer(file, weights, from, name, rank);
    const [out = 0, into = 0, ...window] = kernel.shape;
    if (window.some((side) => side !== 1)) throw file.foreign(`${from} is not a 1 × 1 convolution`);
    weights.set(`${name}/kernel`, { ...kernel, shape: [out, into] });
  }
}

/** What follows from the second head, where there is one: the class, or the turn. */
function secondHead(file: Opened, weights: Weights): ImportedNetwork["settings"] {
  if (!file.has("l_y.weight")) return { "objective.selfSupervision": "none" };
  if (file.has("l_y.bias")) {
    const turns = layer(file, weights, "l_y", "discriminator/rotation", 2).shape[0];
    if (turns !== 4)
      throw file.foreign(`its second head tells ${turns} things apart, not four quarter turns`);
    return { "objective.selfSupervision": "rotation" };
  }
  const table = file.take("l_y.weight", 2);
  const [classes = 0, features = 0] = table.shape;
  const data = new Float32Array(classes * features);
  for (let f = 0; f < features; f++)
    for (let k = 0; k < classes; k++) data[f * classes + k] = table.data[k * features + f]!;
  weights.set("discriminator/projection/kernel", { shape: [features, classes], data });
  // The transposed matrix, so the vector is the one that is kept here.
  const vector = file.take("l_y.sn_u", 2);
  weights.set("discriminator/projection/u", { shape: [classes], data: vector.data });
  return { "objective.selfSupervision": "none", "discriminator.conditioning": "projection" };
}

/**
 * Names of the blocks, in their order: InfoMax-GAN's are in two lists, before and behind the map it
 * looks at.
 */
function discriminatorBlocks(file: Opened, infomax: boolean): string[] {
  const numbered = (name: (i: number) => string, first: number): string[] => {
    const names: string[] = [];
    while (file.has(`${name(first + names.length)}.c1.weight`)) names.push(name(first + names.length));
    return names;
  };
  if (!infomax) return numbered((i) => `block${i}`, 1);
  return [...numbered((i) => `local_feat_blocks.${i}`, 0), ...numbered((i) => `global_feat_blocks.${i}`, 0)];
}

/**
 * What a discriminator without spectral norm is in mimicry: a critic that takes the mean of its
 * last map.
 */
const WGAN_GP = {
  "discriminator.spectralNorm": false,
  "discriminator.pool": "mean",
  "objective.loss": "wasserstein",
  "objective.penalty": "wgan-gp",
  "objective.lambda": 10,
} as const;

/**
 * A discriminator of mimicry as one of ours.
 * @throws UserError when the file holds another network, or anything beside this one
 */
export function importDiscriminator(saved: SavedNetwork): ImportedNetwork {
  const file = open(saved, "discriminator");
  const weights: Weights = new Map();
  const infomax = file.has("local_feat_blocks.0.c1.weight");
  const blocks = discriminatorBlocks(file, infomax);
  if (blocks.length === 0) throw file.foreign("it has no tensor block1.c1.weight");
  const normalized = file.has(`${blocks[0]}.c1.sn_u`);
  for (const [i, from] of blocks.entries()) block(file, weights, from, `discriminator/block${i + 1}`);
  const head = ["linear", "l5", "l6", "l7"].find((name) => file.has(`${name}.weight`));
  if (!head) throw file.foreign("it has no tensor l5.weight");
  layer(file, weights, head, "discriminator/finalFc", 2);
  const told = secondHead(file, weights);
  if (infomax) projections(file, weights);
  file.end();
  const width = weights.get("discriminator/block1/conv2/kernel")!.shape[0]!;
  return {
    settings: {
      "discriminator.architecture": "sngan-resnet",
      "discriminator.width": width,
      "discriminator.shortcut": "activated",
      ...told,
      ...(infomax && { "objective.auxiliary": "infomax:0.2" }),
      ...(!normalized && WGAN_GP),
    },
    weights,
  };
}
