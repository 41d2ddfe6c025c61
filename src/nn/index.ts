/** Layers as functions `(scope, x, …) → tensor`: what networks are written with. */
export * from "./attention.ts";
export * from "./batch-norm.ts";
export * from "./convolution.ts";
export * from "./initializers.ts";
export * from "./layer-norm.ts";
export * from "./linear.ts";
export * from "./modulated-batch-norm.ts";
export * from "./normalized-convolution.ts";
export * from "./projection.ts";
export * from "./resample.ts";
export * from "./residual-block.ts";
export * from "./scope.ts";
export * from "./spectral-norm.ts";
export * from "./weights.ts";
