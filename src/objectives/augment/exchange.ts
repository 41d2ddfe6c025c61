/** Images of which some are exchanged for others. */
import { add, mul, sub, type Tensor } from "../../graph/index.ts";

/** `others` where `taken`, which broadcasts, is 1, and `images` where it is 0. */
export const exchange = (images: Tensor, others: Tensor, taken: Tensor): Tensor =>
  add(mul(images, sub(1, taken)), mul(others, taken));
