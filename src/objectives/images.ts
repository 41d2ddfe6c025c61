/**
 * Images as networks see them and as people see them, class numbers as rows, and parts of a batch.
 */
import {
  add,
  cast,
  equal,
  integers,
  maximum,
  minimum,
  mul,
  reshape,
  round,
  sliceAxis,
  sub,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import type { ImageRange } from "../models/model.ts";

/** uint8 [N, S, S, 3] → float32 [N, 3, S, S] in the model's range. */
export const decodeImages = (bytes: Tensor, range: ImageRange): Tensor =>
  decodePlanes(transpose(bytes, [0, 3, 1, 2]), range);

/** uint8 [N, 3, S, S] → float32 in the model's range. */
export function decodePlanes(bytes: Tensor, range: ImageRange): Tensor {
  const planes = cast(bytes, "float32");
  return range === "unit" ? mul(planes, 1 / 255) : sub(mul(planes, 1 / 127.5), 1);
}

/** float32 in the model's range → float32 in 0…255, not rounded. */
function grayValues(images: Tensor, range: ImageRange): Tensor {
  const scaled = range === "unit" ? mul(images, 255) : mul(add(images, 1), 127.5);
  return minimum(maximum(scaled, 0), 255);
}

/** float32 in the model's range → float32 gray levels 0…255, rounded to nearest. */
const grayLevels = (images: Tensor, range: ImageRange): Tensor => round(grayValues(images, range));

/** float32 [N, 3, S, S] in the model's range → uint8 [N, S, S, 3], rounded to nearest. */
export const encodeImages = (images: Tensor, range: ImageRange): Tensor =>
  cast(transpose(grayLevels(images, range), [0, 2, 3, 1]), "uint8");

/** float32 [N, 3, S, S] in the model's range → float32 [N, S, S, 3], 0…255, not rounded. */
export const unroundedImages = (images: Tensor, range: ImageRange): Tensor =>
  transpose(grayValues(images, range), [0, 2, 3, 1]);

/** float32 [N, 3, S, S] in the model's range → uint8 [N, 3, S, S], rounded to nearest. */
export const encodePlanes = (images: Tensor, range: ImageRange): Tensor =>
  cast(grayLevels(images, range), "uint8");

/** Rows `start … end − 1`. */
export const rows = (x: Tensor, start: number, end: number): Tensor => sliceAxis(x, 0, start, end);

/**
 * Class numbers [N], int64 → one-hot rows [N, K], float32; a row of zeros for what is no class
 * (`NO_LABEL`, −1).
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const all = integers(
    Array.from({ length: classes }, (_, k) => k),
    [1, classes],
  );
  return cast(equal(reshape(labels, [labels.shape[0]!, 1]), all), "float32");
}
