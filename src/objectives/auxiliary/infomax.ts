/**
 * InfoMax-GAN (Lee et al. 2021, arXiv 2007.04589; mimicry, infomax_gan_base.py): the features of a
 * place in an image shall tell which image it is of.
 *
 * C is the map of the discriminator's last block but one, after its ReLU, with L places, E the
 * pooled features that all heads read (of a network whose heads read the whole last map, the mean
 * of that map). Both are projected to R dimensions, P(a) = out(relu(hidden(a))) + shortcut(a), of
 * linear layers. With u_i,jp = ⟨P_g(E_i), P_l(C_j)_p⟩ for images i, j and places p:
 *
 *     loss = mean over i, p of −log [ e^{u_i,ip} / (e^{u_i,ip} + Σ_{j≠i, q} e^{u_i,jq} + L e^{−10}) ]  =  mean softplus(S_i − u_i,ip)
 *
 * with S_i the logarithm of the sum without the first summand, one for all places of an image. The
 * places of image i itself count −10 in it, as in mimicry. L_D += β · loss of real images, L_G += α
 * · loss of generated ones.
 */
import {
  add,
  constant,
  exp,
  log,
  matmul,
  max,
  mean,
  mul,
  relu,
  reshape,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import type { AuxiliaryHeads, AuxiliaryInput, AuxiliaryLoss } from "./auxiliary.ts";

/** R at the published width; narrower networks have as many fewer. */
const DIMENSIONS = 1024;
/** What the places of an image itself count instead of their product. */
const MASKED = -10;

/** x [M, F] → [M, R] */
function project({ dense }: AuxiliaryHeads, name: string, x: Tensor, dimensions: number): Tensor {
  const straight = dense(`${name}Shortcut`, x, dimensions);
  const hidden = relu(dense(`${name}Hidden`, x, x.shape[1]!));
  return add(dense(`${name}Out`, hidden, dimensions), straight);
}

/** Projections `local` [N · L, R], row by row of each image's map, and `global` [N, R]. */
function projections(input: AuxiliaryHeads): Readonly<Record<"local" | "global", Tensor>> {
  const { blocks, pooled } = input.features;
  const dimensions = Math.max(1, Math.round(DIMENSIONS * input.relativeWidth));
  const map = blocks.at(-2)!;
  const [n = 1, c = 1, height = 1, width = 1] = map.shape;
  const places = reshape(transpose(relu(map), [0, 2, 3, 1]), [n * height * width, c]);
  return {
    local: project(input, "local", places, dimensions),
    global: project(input, "global", pooledOf(blocks.at(-1)!, pooled), dimensions),
  };
}

/** What is pooled over the last map: as many numbers as it has channels. */
const pooledOf = (last: Tensor, pooled: Tensor): Tensor =>
  pooled.shape[1] === last.shape[1] ? pooled : mean(relu(last), [2, 3]);

/** The contrastive loss, scalar. @param local [N · L, R] @param global [N, R] */
export function infoNce(local: Tensor, global: Tensor): Tensor {
  const count = global.shape[0]!;
  const places = local.shape[0]! / count;
  const products = reshape(matmul(global, local, false, true), [count, count, places]);
  const identity = Array.from({ length: count ** 2 }, (_, k) => (k % (count + 1) === 0 ? 1 : 0));
  const own = constant(identity, [count, count, 1]);
  const positive = sum(mul(products, own), [1]);
  const others = add(mul(products, sub(1, own)), mul(own, MASKED));
  const greatest = stopGradient(max(others, [1, 2], true));
  const total = sum(exp(sub(others, greatest)), [1, 2]);
  const rest = add(log(total), reshape(greatest, [count]));
  return mean(softplus(sub(reshape(rest, [count, 1]), positive)));
}

const loss = ({ outputs }: AuxiliaryInput): Tensor => {
  const { local, global } = outputs();
  return infoNce(local!, global!);
};

/** InfoMax-GAN's. */
export const infomax: AuxiliaryLoss = {
  description: {
    title: "InfoMax",
    summary: "places of an image tell which image they are of, InfoMax-GAN",
    published: "0.2",
    arxiv: "2007.04589",
  },
  weights: "both",
  minBatch: 2,
  heads: projections,
  discriminatorLoss: loss,
  generatorLoss: loss,
};
