/** Left and right exchanged, in half of the images. */
import { cast, greater, reverse } from "../../graph/index.ts";
import type { Augmentation } from "./augmentation.ts";
import { exchange } from "./exchange.ts";

const COLUMNS = 3;

/** Mirrors an image where its random number is below ½. */
export const mirror: Augmentation = {
  numbers: 1,
  apply(images, [random]) {
    const mirrored = cast(greater(0.5, random!), "float32");
    return exchange(images, reverse(images, [COLUMNS]), mirrored);
  },
};
