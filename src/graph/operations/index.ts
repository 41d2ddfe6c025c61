/** All primitives and the small composites over them. */
export { batchMean, batchVariance, onMap, scaleShift, wholeBatchNorm } from "./batch-norm.ts";
export { broadcastTo, reshape, sum } from "./broadcast.ts";
export {
  asOptions,
  type ConvGeometry,
  type ConvOptions,
  convGeometry,
  flippedPadding,
  geometryOf,
  onnxGeometry,
  paddingBehind,
} from "./conv-geometry.ts";
export * from "./convolution.ts";
export * from "./elementwise.ts";
export { groupedConv2d, groupedConvInput, groupedConvWeight } from "./grouped-convolution.ts";
export * from "./leaf.ts";
export * from "./matmul.ts";
export * from "./movement.ts";
export * from "./pool.ts";
export * from "./reduce.ts";
export * from "./resample.ts";
export * from "./softmax.ts";
