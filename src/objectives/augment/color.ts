/**
 * Brightness, saturation and contrast of each image, in this order: the "color" policy of Zhao et
 * al. 2020.
 */
import { add, mean, mul, sub, type Tensor } from "../../graph/index.ts";
import type { Augmentation } from "./augmentation.ts";

/** center + factor · (x − center) */
const scaleAround = (x: Tensor, center: Tensor, factor: Tensor): Tensor =>
  add(mul(sub(x, center), factor), center);

export const color: Augmentation = {
  numbers: 3,
  apply(images, [brightness, saturation, contrast]) {
    // ± ½ of [−1, 1]; then from gray to twice as colorful; then half to one and a half times the contrast.
    const bright = add(images, sub(brightness!, 0.5));
    const saturated = scaleAround(bright, mean(bright, [1], true), mul(saturation!, 2));
    return scaleAround(saturated, mean(saturated, [1, 2, 3], true), add(contrast!, 0.5));
  },
};
