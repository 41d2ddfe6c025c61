/**
 * Layer normalization (Ba et al. 2016) of feature maps as compare_gan uses it (TensorFlow's
 * `contrib.layers.layer_norm`).
 */
import { add, div, mean, mul, reshape, sqrt, sub, type Tensor } from "../graph/index.ts";
import { ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Added to the variance. */
const EPSILON = 1e-12;
const EACH_IMAGE = [1, 2, 3];

/**
 * x [N, C, H, W] → [N, C, H, W]: every image brought to mean 0 and variance 1 over channels and
 * space together, then scaled and shifted channel by channel. Parameters gamma, beta [C]. The mean
 * is taken off before the division, as the variance of a single-colored image is hardly more than
 * ε.
 */
export function layerNorm(scope: Scope, x: Tensor): Tensor {
  const channels = x.shape[1]!;
  const onMap = (name: string, initialize: typeof ones): Tensor =>
    reshape(scope.parameter(name, [channels], initialize), [1, channels, 1, 1]);
  const [gamma, beta] = [onMap("gamma", ones), onMap("beta", zeros)];
  const centered = sub(x, mean(x, EACH_IMAGE, true));
  const variance = mean(mul(centered, centered), EACH_IMAGE, true);
  return add(mul(div(centered, sqrt(add(variance, EPSILON))), gamma), beta);
}
