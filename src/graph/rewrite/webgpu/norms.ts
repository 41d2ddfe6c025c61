/**
 * Batch normalization for engines that get it in elementary operations and pay for every pass over
 * a feature map. It stays whole until a step is differentiated (native/whole-norms.ts); here both
 * directions become as few passes as the arithmetic needs. With x centered, d = x − mean, over the
 * n numbers of a channel,
 *
 *     variance = Σ d² / n    scale = gamma / √(variance + ε)    y = d · scale + beta
 *     dbeta = Σ dy           dgamma = Σ dy·d / √(variance + ε)
 *     dx = scale · (dy − d · Σ dy·d / (n · (variance + ε))) − scale · Σ dy / n
 *
 * d is made once, for the variance, the result and the gradients.
 */
import { add, div, mul, neg, onMap, scaleShift, sqrt, sub, sum, sumSquares } from "../../operations/index.ts";
import { sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { Rule } from "../rewrite.ts";

const AXES = [0, 2, 3];
const countOf = (x: Tensor): number => sizeOf(x.shape) / x.shape[1]!;
const meanOf = (x: Tensor): Tensor => mul(sum(x, AXES), 1 / countOf(x));
const centered = (x: Tensor): Tensor => sub(x, onMap(meanOf(x)));
const varianceOf = (x: Tensor): Tensor => mul(sumSquares(centered(x), AXES), 1 / countOf(x));

/** Puts elementary operations in the place of whole normalizations and of their gradients. */
export const expandNorms: Rule = (node) => {
  const [x, gamma, beta, dy] = node.inputs as [Tensor, Tensor, Tensor, Tensor];
  const shifted = (): Tensor => add(varianceOf(x), node.attributes.epsilon as number);
  const product = (): Tensor => sum(mul(dy, centered(x)), AXES);
  switch (node.primitive.name) {
    case "batchMean":
      return meanOf(x);
    case "batchVariance":
      return varianceOf(x);
    case "batchNorm":
      return scaleShift(centered(x), div(gamma, sqrt(shifted())), beta);
    case "batchNormGradX": {
      const scale = div(gamma, sqrt(shifted()));
      const along = mul(div(product(), shifted()), 1 / countOf(x));
      return scaleShift(sub(dy, mul(centered(x), onMap(along))), scale, neg(mul(scale, meanOf(dy))));
    }
    case "batchNormGradGamma":
      return div(product(), sqrt(shifted()));
    case "batchNormGradBeta":
      return sum(dy, AXES);
    default:
      return undefined;
  }
};
