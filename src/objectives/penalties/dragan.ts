/**
 * The gradient penalty of DRAGAN (Kodali et al. 2017) as compare_gan has it (gans/penalty_lib.py):
 * around real images, x̂ = clip(x + std · (u − ½), 0, 1), u ~ U[0, 1) for every pixel, std the
 * standard deviation over all numbers of the batch. The clip is to the range of the images, so the
 * penalty is for networks whose images are in [0, 1].
 */
import { add, maximum, mean, minimum, mul, sqrt, stopGradient, sub } from "../../graph/index.ts";
import type { Penalty } from "./penalty.ts";
import { slopePenalty } from "./slope.ts";

export const dragan: Penalty = {
  bounds: true,
  imageRanges: ["unit"],
  build({ real, logitsOf, draw }) {
    const centered = sub(real, mean(real));
    const deviation = sqrt(mean(mul(centered, centered)));
    const noise = mul(deviation, sub(draw("noise", real.shape, "uniform"), 0.5));
    const around = stopGradient(minimum(maximum(add(real, noise), 0), 1));
    return slopePenalty(logitsOf(around), around);
  },
};
