/** Numbers and words of oneDNN 2.x: what its C interface calls things. */

/** A memory descriptor: shape, element type, layout. */
export type Descriptor = Uint8Array;
/** Element types of memory. */
export type MemoryType = "bf16" | "f32";
/** Layouts: row-major (of any rank), channels last, whatever the primitive likes best. */
export type Layout = "plain" | "nhwc" | "any";

/** `dnnl_data_type_t`. */
export const TYPES = { bf16: 2, f32: 3 } as const;
/** Tags of row-major layouts by rank. */
export const PLAIN_TAGS = [0, 2, 3, 4, 5, 6] as const;
/** `dnnl_format_tag_t`. */
export const TAGS = { nhwc: 20, any: 1 } as const;

/** `dnnl_alg_kind_t`. */
export const ALGORITHM = {
  directConvolution: 1,
  relu: 31,
  tanh: 47,
  square: 79,
  abs: 95,
  sqrt: 111,
  linear: 127,
  logistic: 175,
  exp: 191,
  log: 239,
  reluFromResult: 256,
  averagePool: 767,
  add: 131056,
  mul: 131057,
  max: 131058,
  min: 131059,
  div: 131060,
  sub: 131061,
  greater: 131063,
  bilinear: 196593,
} as const;

/** Numbers of the arguments of primitives. */
export const ARGUMENT = {
  source: 1,
  source1: 2,
  result: 17,
  weights: 33,
  bias: 41,
  mean: 49,
  variance: 50,
  scale: 51,
  shift: 52,
  workspace: 64,
  scratchpad: 80,
  sourceGradient: 129,
  resultGradient: 145,
  weightsGradient: 161,
  biasGradient: 169,
  scaleGradient: 255,
  shiftGradient: 256,
  /** Second operand of the i-th operation after the primitive. */
  after: (i: number): number => (16384 * (i + 1)) | 2,
} as const;

/** `dnnl_prop_kind_t`. */
export const PROPAGATION = { training: 64, inference: 96, backward: 128 } as const;
/** `dnnl_query_t`: descriptors of a primitive. */
export const QUERY = { weights: 131, weightsGradient: 132, workspace: 135, scratchpad: 136 } as const;

/** Flags of a normalization: scale and shift are given; a ReLU is part of it. */
export const NORM_SCALE_SHIFT = 8 | 16;
export const NORM_RELU = 4;

/** An operation on the result of a primitive before it is stored. */
export type After =
  | { readonly kind: "unary"; readonly algorithm: number; readonly alpha: number; readonly beta: number }
  | { readonly kind: "binary"; readonly algorithm: number; readonly descriptor: Descriptor };

/** Geometry of a convolution; padding [[top, bottom], [left, right]]. */
export interface Geometry {
  readonly strides: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly dilation: readonly [number, number];
}
