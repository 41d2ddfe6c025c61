/** Left and right exchanged, in half of the images. */
import { add, cast, greater, mul, reverse, sub } from "../../graph/index.ts";
import type { Augmentation } from "./augmentation.ts";

const COLUMNS = 3;

/** Mirrors an image where its random number is below ½. */
export const mirror: Augmentation = {
  numbers: 1,
  apply(images, [random]) {
    const mirrored = cast(greater(0.5, random!), "float32");
    return add(mul(images, sub(1, mirrored)), mul(reverse(images, [COLUMNS]), mirrored));
  },
};
