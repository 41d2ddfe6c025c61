/** The graph layer: symbolic tensors, primitives, differentiation, rewrites, compilation to ONNX. */
export { gradients } from "./autodiff.ts";
export {
  compile,
  type GraphDefinition,
  optimise,
  type Rewrites,
  STANDARD_TARGET,
  type Target,
} from "./compile.ts";
export * from "./operations/index.ts";
export { print } from "./print.ts";
export type { Binding, Program } from "./program.ts";
export { substitute } from "./rewrite/rewrite.ts";
export { formatShape, type Shape, sizeOf } from "./shape.ts";
export { type DType, ShapeError, type Tensor } from "./tensor.ts";
