/**
 * Batch normalization as one primitive, with its gradients: for engines that have one. Networks are
 * written, and differentiated, in elementary operations; the rewrite `keepNormsWhole` puts these in
 * their place before a step is differentiated.
 */
import { float } from "../onnx/emitter.ts";
import { definePrimitive, makeNode, type Primitive, type Tensor } from "../tensor.ts";
import { broadcastTo, reshape } from "./broadcast.ts";
import { mul, sub } from "./elementwise.ts";

const channelsOf = (x: Tensor): number => x.shape[1]!;
/** A vector [C] as it broadcasts over feature maps, [1, C, 1, 1]. */
export const onMap = (v: Tensor): Tensor => reshape(v, [1, v.shape[0]!, 1, 1]);

const notForOnnx: Primitive["lower"] = (_, node) => {
  throw new Error(`${node.primitive.name} is for the native engine only`);
};

const inferVector: Primitive["infer"] = ([x], _, fail) =>
  x!.shape.length === 4 ? { shape: [channelsOf(x!)], dtype: "float32" } : fail("needs [N, C, H, W]");

const meanPrimitive = definePrimitive({
  name: "batchMean",
  infer: inferVector,
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    return [broadcastTo(onMap(mul(dy, channelsOf(x) / count(x))), x.shape)];
  },
  lower: notForOnnx,
});

const variancePrimitive = definePrimitive({
  name: "batchVariance",
  infer: inferVector,
  gradient: (node, dy) => {
    const x = node.inputs[0]!;
    const centered = sub(x, onMap(batchMean(x)));
    return [mul(centered, onMap(mul(dy, (2 * channelsOf(x)) / count(x))))];
  },
  lower: notForOnnx,
});
const count = (x: Tensor): number => x.shape.reduce((product, n) => product * n, 1);

/** Mean of x [N, C, H, W] over N, H and W: [C]. */
export const batchMean = (x: Tensor): Tensor => makeNode(meanPrimitive, [x]);
/** Biased variance of x [N, C, H, W] over N, H and W: [C]. */
export const batchVariance = (x: Tensor): Tensor => makeNode(variancePrimitive, [x]);

const normPrimitive = definePrimitive({
  name: "batchNorm",
  infer: ([x], _, fail) => (x!.shape.length === 4 ? x! : fail("needs [N, C, H, W]")),
  gradient: (node, dy) => {
    const inputs = [...node.inputs, dy];
    return [gradX, gradGamma, gradBeta].map((primitive) => makeNode(primitive, inputs, node.attributes));
  },
  lower: notForOnnx,
});

/** x [N, C, H, W] normalized with the statistics of the batch, times gamma [C], plus beta [C]. */
export const wholeBatchNorm = (x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor =>
  makeNode(normPrimitive, [x, gamma, beta], { epsilon });

/**
 * Inputs x, gamma, beta, dy. They have no gradients of their own: a penalty on slopes does not go
 * through a normalization.
 */
const gradX = definePrimitive({ name: "batchNormGradX", infer: ([x]) => x!, lower: notForOnnx });
const gradGamma = definePrimitive({ name: "batchNormGradGamma", infer: inferVector, lower: notForOnnx });
const gradBeta = definePrimitive({ name: "batchNormGradBeta", infer: inferVector, lower: notForOnnx });

const scaleShiftPrimitive = definePrimitive({
  name: "scaleShift",
  infer: ([x], _, fail) => (x!.shape.length === 4 ? x! : fail("needs [N, C, H, W]")),
  lower(emit, node, inputs) {
    const channels = channelsOf(node.inputs[0]!);
    const filled = (value: number): string =>
      emit.constant("float32", [channels], new Float32Array(channels).fill(value));
    // With mean 0 and variance 1 a normalization is a product and a sum in one pass.
    return emit.op("BatchNormalization", [...inputs, filled(0), filled(1)], { epsilon: float(0) });
  },
});
/**
 * x [N, C, H, W] times scale [C] plus shift [C], in one pass. It has no gradient: it stands in
 * graphs that are differentiated already.
 */
export const scaleShift = (x: Tensor, scale: Tensor, shift: Tensor): Tensor =>
  makeNode(scaleShiftPrimitive, [x, scale, shift]);
