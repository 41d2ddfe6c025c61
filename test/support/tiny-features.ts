/**
 * A small feature network with fixed random weights, made by the project's own graph: two
 * convolutions with ReLU, averaged over the image. Random features rank plain degradations of
 * images as trained ones do, which is all that tests of metrics need.
 */
import { randomStream } from "../../src/base/random.ts";
import { add, constant, conv2d, input, matmul, mean, mul, relu } from "../../src/graph/index.ts";
import { lowerGraph } from "../../src/graph/lower.ts";
import { writeModel } from "../../src/graph/onnx/model.ts";

/** Length of its vectors. */
export const TINY_FEATURES = 24;
const CLASSES = 10;

/** What to make. */
export interface TinyOptions {
  readonly batch?: number;
  readonly side?: number;
  readonly logits?: boolean;
}

/**
 * The bytes of an ONNX file: images float32 [batch, 3, side, side] in 0…255 → features [batch, 24],
 * and logits [batch, 10] if asked for.
 */
export function tinyFeatures({ batch = 32, side = 16, logits = true }: TinyOptions = {}): Uint8Array {
  const stream = randomStream(11, "tiny features");
  const weights = (shape: number[], scale: number) =>
    constant(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal() * scale),
      shape,
    );
  const images = input("images", [batch, 3, side, side]);
  const centered = add(mul(images, 1 / 127.5), -1);
  const edges = relu(conv2d(centered, weights([16, 3, 3, 3], 0.3), undefined, { padding: 1 }));
  const shapes = relu(
    conv2d(edges, weights([TINY_FEATURES, 16, 3, 3], 0.15), undefined, { stride: 2, padding: 1 }),
  );
  const features = mean(shapes, [2, 3]);
  const outputs = {
    features,
    ...(logits && { logits: matmul(features, weights([TINY_FEATURES, CLASSES], 3)) }),
  };
  return writeModel(lowerGraph("tiny", { inputs: { images }, outputs }, "standard"));
}
