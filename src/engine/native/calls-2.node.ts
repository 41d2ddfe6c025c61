/**
 * oneDNN 2.x, from 2.6 on: operations and memory descriptors are structures that it fills in. They
 * are opaque here; only their sizes are known.
 */
import {
  type BareLibrary,
  type Calls,
  COMMON_ALGORITHMS,
  dims,
  functionsOf,
  geometryOf,
  H,
  P,
  type PlanArguments,
  requireSuccess,
  SCALE_2X,
  windowOf,
} from "./calls.ts";
import {
  type Algorithm,
  ANY_TAG,
  ARGUMENT,
  type MemoryDescriptor,
  PLAIN_TAGS,
  PROPAGATION,
  TYPES,
} from "./vocabulary.ts";

/** Size of `dnnl_memory_desc_t`. */
const DESCRIPTOR_BYTES = 696;
/** Larger than it, for versions in which it has grown. */
const DESCRIPTOR_ROOM = 1024;
/** Larger than any operation descriptor. */
const OPERATION_BYTES = 8192;

const NHWC_TAG = 20;
/** Where the arguments of operations after the primitive begin. */
const POST_OP = 16384;
/** `dnnl_alg_kind_t`. */
const ALGORITHM: Readonly<Record<Algorithm, number>> = {
  ...COMMON_ALGORITHMS,
  relu: 31,
  tanh: 47,
  square: 79,
  abs: 95,
  sqrt: 111,
  linear: 127,
  logistic: 175,
  exp: 191,
  log: 239,
};
/** Flags of a normalization: scale and shift are given; a ReLU is part of it. */
const SCALE_SHIFT = 8 | 16;
const RELU = 4;
const flagsOf = (relu: boolean): number => SCALE_SHIFT | (relu ? RELU : 0);

const SIGNATURES = {
  memory_desc_init_by_tag: [P, "int", P, "int", "int"],
  memory_desc_init_by_strides: [P, "int", P, "int", P],
  memory_create: [P, P, H, H],
  dilated_convolution_forward_desc_init: [P, "int", "int", P, P, P, P, P, P, P, P],
  dilated_convolution_backward_data_desc_init: [P, "int", P, P, P, P, P, P, P],
  dilated_convolution_backward_weights_desc_init: [P, "int", P, P, P, P, P, P, P, P],
  batch_normalization_forward_desc_init: [P, "int", P, "float", "uint"],
  batch_normalization_backward_desc_init: [P, "int", P, P, "float", "uint"],
  eltwise_forward_desc_init: [P, "int", "int", P, "float", "float"],
  eltwise_backward_desc_init: [P, "int", P, P, "float", "float"],
  binary_desc_init: [P, "int", P, P, P],
  pooling_v2_forward_desc_init: [P, "int", "int", P, P, P, P, P, P, P],
  pooling_v2_backward_desc_init: [P, "int", P, P, P, P, P, P, P],
  resampling_forward_desc_init: [P, "int", "int", P, P, P],
  resampling_backward_desc_init: [P, "int", P, P, P],
  matmul_desc_init: [P, P, P, P, P],
  reorder_primitive_desc_create: [P, P, H, P, H, H],
  primitive_desc_create: [P, P, H, H, H],
  post_ops_append_eltwise: [H, "float", "int", "float", "float"],
  post_ops_append_binary: [H, "int", P],
} as const satisfies Record<string, readonly string[]>;
type Name = keyof typeof SIGNATURES;

/** The functions of 2.x. @throws Error when one is missing */
export function callsOf2(library: BareLibrary): Calls {
  const functions = functionsOf(library, SIGNATURES);
  const size = library.func("memory_desc_get_size", H, [P]);
  const queried = library.func("primitive_desc_query_md", H, [H, "int", "int"]);

  /** A primitive descriptor of the operation that `init` describes. */
  const made = (to: PlanArguments, init: Name, ...parameters: readonly unknown[]): number => {
    const operation = new Uint8Array(OPERATION_BYTES);
    const status = functions[init](operation, ...parameters) as number;
    if (status !== 0) return status;
    const { into, attributes, engine, hint } = to;
    return functions.primitive_desc_create(into, operation, attributes, engine, hint) as number;
  };
  const filled = (init: Name, ...parameters: readonly unknown[]): MemoryDescriptor => {
    const bytes = new Uint8Array(DESCRIPTOR_ROOM);
    requireSuccess(functions[init](bytes, ...parameters), init);
    return bytes;
  };
  const { training, backward } = PROPAGATION;
  const { directConvolution, averagePool, bilinear, reluFromResult } = ALGORITHM;
  return {
    descriptor(shape, type, layout) {
      const tag = layout === "plain" ? PLAIN_TAGS[shape.length]! : layout === "nhwc" ? NHWC_TAG : ANY_TAG;
      return filled("memory_desc_init_by_tag", shape.length, dims(shape), TYPES[type], tag);
    },
    strided: (shape, strides) =>
      filled("memory_desc_init_by_strides", shape.length, dims(shape), TYPES.f32, dims(strides)),
    bytesOf: (descriptor) => Number(size(descriptor)),
    keyOf: (descriptor) => Buffer.from(descriptor as Uint8Array).toString("latin1"),
    query(primitiveDescriptor, what) {
      const address = Number(queried(primitiveDescriptor, what, 0));
      return address === 0 ? undefined : new Uint8Array(library.view(address, DESCRIPTOR_BYTES)).slice();
    },
    memory: (place, descriptor, engine, address) =>
      functions.memory_create(place, descriptor, engine, address) as number,
    appendUnary: (operations, algorithm, alpha, beta) =>
      functions.post_ops_append_eltwise(operations, 1, ALGORITHM[algorithm], alpha, beta) as number,
    appendBinary: (operations, algorithm, descriptor) =>
      functions.post_ops_append_binary(operations, ALGORITHM[algorithm], descriptor) as number,
    postOpArgument: (i) => (POST_OP * (i + 1)) | ARGUMENT.source1,
    reorder: ({ into, engine, attributes }, from, result) =>
      functions.reorder_primitive_desc_create(into, from, engine, result, engine, attributes) as number,
    convolution: (to, [x, w, bias, y], geometry) =>
      made(
        to,
        "dilated_convolution_forward_desc_init",
        ...[training, directConvolution, x, w, bias ?? null, y, ...geometryOf(geometry)],
      ),
    convolutionInput: (to, maps, geometry) =>
      made(
        to,
        "dilated_convolution_backward_data_desc_init",
        ...[directConvolution, ...maps, ...geometryOf(geometry)],
      ),
    convolutionWeights: (to, [x, dw, db, dy], geometry) =>
      made(
        to,
        "dilated_convolution_backward_weights_desc_init",
        ...[directConvolution, x, dw, db ?? null, dy, ...geometryOf(geometry)],
      ),
    batchNorm: (to, x, epsilon, relu) =>
      made(to, "batch_normalization_forward_desc_init", training, x, epsilon, flagsOf(relu)),
    gradientTakesShift: true,
    batchNormGradient: (to, x, epsilon, relu) =>
      made(to, "batch_normalization_backward_desc_init", backward, x, x, epsilon, flagsOf(relu)),
    unary: (to, algorithm, x, alpha, beta) =>
      made(to, "eltwise_forward_desc_init", training, ALGORITHM[algorithm], x, alpha, beta),
    reluGradient: (to, y, dy, slope) =>
      made(to, "eltwise_backward_desc_init", reluFromResult, dy, y, slope, 0),
    binary: (to, algorithm, maps) => made(to, "binary_desc_init", ALGORITHM[algorithm], ...maps),
    pool: (to, maps, window) =>
      made(to, "pooling_v2_forward_desc_init", training, averagePool, ...maps, ...windowOf(window)),
    poolGradient: (to, maps, window) =>
      made(to, "pooling_v2_backward_desc_init", averagePool, ...maps, ...windowOf(window)),
    bilinearUpsample: (to, maps) =>
      made(to, "resampling_forward_desc_init", training, bilinear, SCALE_2X, ...maps),
    bilinearUpsampleGradient: (to, maps) =>
      made(to, "resampling_backward_desc_init", bilinear, SCALE_2X, ...maps),
    product: (to, [a, b, c]) => made(to, "matmul_desc_init", a, b, null, c),
    // Descriptors are memory of JavaScript.
    close: () => undefined,
  };
}
