/**
 * Self-attention over the places of a map, as in SAGAN (Zhang et al. 2019, arXiv 1805.08318; the
 * block of its published code, which BigGAN and compare_gan's `non_local_block` have too). Every
 * place looks at a quarter as many places, the largest of each 2 × 2:
 *
 *     q = W_q x,   k = pool(W_k x),   v = pool(W_v x),      pool: the largest of 2 × 2
 *     a_ij = softmax over i of ⟨k_i, q_j⟩,   o_j = Σ_i a_ij v_i,   y = x + γ W_o o
 *
 * Queries and keys have C / 8 channels, values C / 2. No kernel has a bias. γ begins at 0, so that
 * the block begins as nothing.
 */
import {
  add,
  concat,
  conv2d,
  div,
  exp,
  matmul,
  max,
  maximum,
  mul,
  reshape,
  sliceAxis,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../graph/index.ts";
import { zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";
import { type KernelOptions, weightKernel } from "./weights.ts";

/** The weights of the block for C channels. */
export interface AttentionWeights {
  /** [C / 8, C, 1, 1] */
  readonly query: Tensor;
  /** [C / 8, C, 1, 1] */
  readonly key: Tensor;
  /** [C / 2, C, 1, 1] */
  readonly value: Tensor;
  /** [C, C / 2, 1, 1] */
  readonly output: Tensor;
  /** [1] */
  readonly gamma: Tensor;
}

/** Channels of keys and of values; narrow maps have one at the least. */
const channelsOf = (channels: number): { readonly keys: number; readonly values: number } => ({
  keys: Math.max(1, Math.floor(channels / 8)),
  values: Math.max(1, Math.floor(channels / 2)),
});

/** Whether a map of this side can be pooled for keys and values. */
export const canAttend = (side: number): boolean => side >= 2 && side % 2 === 0;

/**
 * x [N, C, H, W] → the same shape. Parameters `query/kernel`, `key/kernel`, `value/kernel`,
 * `output/kernel`, `gamma`.
 */
export function selfAttention(scope: Scope, x: Tensor, options: KernelOptions): Tensor {
  const channels = x.shape[1]!;
  const { keys, values } = channelsOf(channels);
  const kernel = (name: string, out: number, into: number): Tensor =>
    weightKernel(scope.child(name), [out, into, 1, 1], options);
  return attend(x, {
    query: kernel("query", keys, channels),
    key: kernel("key", keys, channels),
    value: kernel("value", values, channels),
    output: kernel("output", channels, values),
    gamma: scope.parameter("gamma", [1], zeros),
  });
}

/** The block with given weights. H and W of x [N, C, H, W] must be even. */
export function attend(x: Tensor, { query, key, value, output, gamma }: AttentionWeights): Tensor {
  const [n = 1, , height = 1, width = 1] = x.shape;
  const [keys, values] = [key.shape[0]!, value.shape[0]!];
  const places = height * width;
  // One convolution instead of three reads the map once.
  const all = conv2d(x, concat([query, key, value], 0));
  const pooled = reshape(largestOfFour(sliceAxis(all, 1, keys, 2 * keys + values)), [n, -1, places / 4]);
  const q = reshape(sliceAxis(all, 1, 0, keys), [n, keys, places]);
  const k = sliceAxis(pooled, 1, 0, keys);
  const v = sliceAxis(pooled, 1, keys, keys + values);

  const scores = matmul(k, q, true);
  const weights = exp(sub(scores, stopGradient(max(scores, [1], true))));
  // What the weights are divided by is divided out of the sums: there are fewer of these.
  const seen = div(matmul(v, weights), sum(weights, [1], true));
  const changed = conv2d(reshape(seen, [n, values, height, width]), output);
  return add(x, mul(changed, reshape(gamma, [1, 1, 1, 1])));
}

/**
 * The largest of each 2 × 2 of x [N, C, H, W]. Of equal ones, as in the even ground of a picture,
 * one has the gradient, where that of `max` would go to all of them.
 */
function largestOfFour(x: Tensor): Tensor {
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const larger = (pairs: Tensor, axis: number): Tensor =>
    maximum(sliceAxis(pairs, axis, 1, 2), sliceAxis(pairs, axis, 0, 1));
  const rows = larger(reshape(x, [(n * c * height) / 2, 2, width]), 1);
  return reshape(larger(reshape(rows, [-1, width / 2, 2]), 2), [n, c, height / 2, width / 2]);
}
