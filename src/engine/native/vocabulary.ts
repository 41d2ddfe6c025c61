/** Words and numbers of oneDNN's C interface that its versions 2 and 3 share. */

/**
 * A memory descriptor: shape, element type, layout. Bytes in version 2, an address in version 3: it
 * is passed on and never looked into.
 */
export type MemoryDescriptor = Uint8Array | number;
/** Element types of memory. */
export type MemoryType = "bf16" | "f32";
/** Layouts: row-major (of any rank), channels last, whatever the primitive likes best. */
export type Layout = "plain" | "nhwc" | "any";

/** `dnnl_data_type_t`. */
export const TYPES = { bf16: 2, f32: 3 } as const;
/**
 * `dnnl_format_tag_t` of row-major layouts by rank; above rank 4 versions have different numbers.
 */
export const PLAIN_TAGS = [0, 2, 3, 4, 5] as const;
/** The tag of whatever layout the primitive likes best. */
export const ANY_TAG = 1;

/** What is computed: the numbers of `dnnl_alg_kind_t` are each version's own. */
export type Algorithm =
  | "directConvolution"
  | "relu"
  | "tanh"
  | "square"
  | "abs"
  | "sqrt"
  | "linear"
  | "logistic"
  | "exp"
  | "log"
  | "reluFromResult"
  | "averagePool"
  | "add"
  | "mul"
  | "max"
  | "min"
  | "div"
  | "sub"
  | "greater"
  | "bilinear";

/** Above all numbers of other arguments. */
const POST_OP = 1 << 16;
/**
 * Which operation after the primitive an argument belongs to; undefined for the primitive's own.
 */
export const postOpIndex = (argument: number): number | undefined =>
  argument >= POST_OP ? argument / POST_OP - 1 : undefined;

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
  /**
   * Second operand of the i-th operation after the primitive; the number itself is each version's
   * own.
   */
  postOp: (i: number): number => POST_OP * (i + 1),
} as const;

/** `dnnl_prop_kind_t`. */
export const PROPAGATION = { training: 64, inference: 96, backward: 128 } as const;
/** `dnnl_query_t`: descriptors of a primitive. */
export const QUERY = {
  implementation: 8,
  weights: 131,
  weightsGradient: 132,
  workspace: 135,
  scratchpad: 136,
  argument: 255,
} as const;

/** An operation on the result of a primitive before it is stored. */
export type PostOp =
  | { readonly kind: "unary"; readonly algorithm: Algorithm; readonly alpha: number; readonly beta: number }
  | { readonly kind: "binary"; readonly algorithm: Algorithm; readonly descriptor: MemoryDescriptor };

/** Geometry of a convolution; padding [[top, bottom], [left, right]]. */
export interface Geometry {
  readonly strides: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly dilation: readonly [number, number];
}
