/**
 * The graph layer: symbolic tensors, primitives, differentiation, rewrites, compilation to ONNX.
 */
export { gradients } from "./autodiff.ts";
export {
  type CompileStage,
  compile,
  type GraphDefinition,
  NATIVE_TARGET,
  optimize,
  type Rewrites,
  STANDARD_TARGET,
  type Target,
  WEBGPU_TARGET,
} from "./compile.ts";
export * from "./operations/index.ts";
export { print } from "./print.ts";
export type { Binding, Program } from "./program.ts";
export { keepNormsWhole } from "./rewrite/native/whole-norms.ts";
export { type Outputs, substitute } from "./rewrite/rewrite.ts";
export { formatShape, type Shape, sizeOf } from "./shape.ts";
export { type DType, ShapeError, type Tensor, topologicalOrder } from "./tensor.ts";
