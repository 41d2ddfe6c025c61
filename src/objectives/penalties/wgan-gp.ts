/**
 * The gradient penalty of WGAN-GP (Gulrajani et al. 2017) as compare_gan has it
 * (gans/penalty_lib.py): on points between real and generated upright images, x̂ = x + a (x_fake −
 * x) with a ~ U[0, 1) for each pair, for the classes of the real ones.
 */
import { add, mul, reshape, stopGradient, sub } from "../../graph/index.ts";
import type { Penalty } from "./penalty.ts";
import { slopePenalty } from "./slope.ts";

export const wganGp: Penalty = {
  bounds: true,
  imageRanges: ["unit", "symmetric"],
  build({ real, fake, logitsOf, draw }) {
    const count = real.shape[0]!;
    const mixing = reshape(draw("mixing", [count], "uniform"), [count, 1, 1, 1]);
    const between = stopGradient(add(real, mul(mixing, sub(fake, real))));
    return slopePenalty(logitsOf(between), between);
  },
};
