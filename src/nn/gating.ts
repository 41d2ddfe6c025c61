/**
 * Gates: a map that is let through by another one, or by the other half of itself.
 */
import { conv2d, mul, reshape, sigmoid, sliceAxis, sumPool, type Tensor } from "../graph/index.ts";
import type { Scope } from "./scope.ts";
import { type KernelOptions, weightKernel } from "./weights.ts";

/**
 * A gated linear unit (Dauphin et al. 2017): x [N, 2C, H, W] → [N, C, H, W], the first half of the
 * channels, each by the sigmoid of one of the second half.
 */
export function gatedLinearUnit(x: Tensor): Tensor {
  const half = x.shape[1]! / 2;
  return mul(sliceAxis(x, 1, 0, half), sigmoid(sliceAxis(x, 1, half, 2 * half)));
}

/** Places along a side of what a gate is made of. */
const PLACES = 4;

/**
 * Skip-layer excitation (Liu et al. 2021, FastGAN, equation 1): every channel of `x` [N, C, H, W]
 * is multiplied by a number in (0, 1) that is made of another map of the network,
 *
 *     y = x · σ(excite(swish(squeeze(means of `from` over 4 × 4 patches)))),   swish(a) = a σ(a),
 *
 * `squeeze` a 4 × 4 convolution to C channels and one place, `excite` a 1 × 1 one, both without a
 * bias.
 * @param from [N, D, S, S], S a multiple of 4
 */
export function skipLayerExcitation(scope: Scope, from: Tensor, x: Tensor, options: KernelOptions): Tensor {
  const channels = x.shape[1]!;
  const window = from.shape[2]! / PLACES;
  const means = window === 1 ? from : mul(sumPool(from, window), 1 / window ** 2);
  const squeeze = weightKernel(scope.child("squeeze"), [channels, from.shape[1]!, PLACES, PLACES], options);
  const squeezed = conv2d(means, squeeze);
  const excite = weightKernel(scope.child("excite"), [channels, channels, 1, 1], options);
  const gate = sigmoid(conv2d(mul(squeezed, sigmoid(squeezed)), excite));
  return mul(x, reshape(gate, [x.shape[0]!, channels, 1, 1]));
}
