/**
 * Weight decay as a penalty (compare_gan gans/penalty_lib.py): the mean over the discriminator's
 * kernels of ½ Σ w². Biases are left alone.
 */
import { add, mul, sum } from "../../graph/index.ts";
import type { Penalty } from "./penalty.ts";

export const l2: Penalty = {
  bounds: false,
  imageRanges: ["unit", "symmetric"],
  build: ({ kernels }) =>
    mul(
      kernels.map((kernel) => sum(mul(kernel, kernel))).reduce((a, b) => add(a, b)),
      0.5 / kernels.length,
    ),
};
