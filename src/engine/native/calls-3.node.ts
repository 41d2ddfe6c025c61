/**
 * oneDNN 3.x: memory descriptors are objects of its own, and a function makes each primitive
 * descriptor.
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
  QUERY,
  TYPES,
} from "./vocabulary.ts";

/** `dnnl_alg_kind_t`. */
const ALGORITHM: Readonly<Record<Algorithm, number>> = {
  ...COMMON_ALGORITHMS,
  relu: 32,
  tanh: 33,
  square: 35,
  abs: 36,
  sqrt: 37,
  linear: 38,
  logistic: 41,
  exp: 42,
  log: 45,
};
/** Flags of a normalization: scale and shift are given; a ReLU is part of it. */
const SCALE_SHIFT = 2 | 4;
const RELU = 8;
const flagsOf = (relu: boolean): number => SCALE_SHIFT | (relu ? RELU : 0);

/** Where the arguments of operations after a primitive may begin, newest versions first. */
const POST_OP = [32768, 16384] as const;

const I = "int";
const F = "float";
/** Sizes of a convolution: strides, dilation, padding before and after. */
const GEOMETRY = [P, P, P, P] as const;
const WINDOW = [P, P, P, P, P] as const;
/** Where it goes, and the engine: what all that make a primitive descriptor begin with. */
const PLACE = [P, H] as const;
const SIGNATURES = {
  memory_desc_create_with_tag: [P, I, P, I, I],
  memory_desc_create_with_strides: [P, I, P, I, P],
  memory_desc_clone: [P, H],
  memory_desc_equal: [H, H],
  memory_desc_destroy: [H],
  memory_create: [P, H, H, H],
  post_ops_append_eltwise: [H, I, F, F],
  post_ops_append_binary: [H, I, H],
  reorder_primitive_desc_create: [P, H, H, H, H, H],
  convolution_forward_primitive_desc_create: [...PLACE, I, I, H, H, H, H, ...GEOMETRY, H],
  convolution_backward_data_primitive_desc_create: [...PLACE, I, H, H, H, ...GEOMETRY, H, H],
  convolution_backward_weights_primitive_desc_create: [...PLACE, I, H, H, H, H, ...GEOMETRY, H, H],
  batch_normalization_forward_primitive_desc_create: [...PLACE, I, H, H, F, "uint", H],
  batch_normalization_backward_primitive_desc_create: [...PLACE, I, H, H, H, F, "uint", H, H],
  eltwise_forward_primitive_desc_create: [...PLACE, I, I, H, H, F, F, H],
  eltwise_backward_primitive_desc_create: [...PLACE, I, H, H, H, F, F, H, H],
  binary_primitive_desc_create: [...PLACE, I, H, H, H, H],
  pooling_forward_primitive_desc_create: [...PLACE, I, I, H, H, ...WINDOW, H],
  pooling_backward_primitive_desc_create: [...PLACE, I, H, H, ...WINDOW, H, H],
  resampling_forward_primitive_desc_create: [...PLACE, I, I, P, H, H, H],
  resampling_backward_primitive_desc_create: [...PLACE, I, P, H, H, H, H],
  matmul_primitive_desc_create: [...PLACE, H, H, H, H, H],
} as const satisfies Record<string, readonly string[]>;
type Name = keyof typeof SIGNATURES;

/** The functions of 3.x. @throws Error when one is missing */
export function callsOf3(library: BareLibrary): Calls {
  const functions = functionsOf(library, SIGNATURES);
  const size = library.func("memory_desc_get_size", H, [H]);
  const queried = library.func("primitive_desc_query_md", H, [H, I, I]);

  const { training, backward } = PROPAGATION;
  const { directConvolution, averagePool, bilinear, reluFromResult } = ALGORITHM;

  const place = new BigUint64Array(1);
  /**
   * All that were made; programs come and go, and they are small, so that they stay until the
   * engine is closed.
   */
  const all = new Set<number>();
  /** Those that were asked for, by what was asked. */
  const known = new Map<string, number>();
  const described = (name: Name, ...parameters: readonly unknown[]): number => {
    requireSuccess(functions[name](place, ...parameters), name);
    const descriptor = Number(place[0]);
    all.add(descriptor);
    return descriptor;
  };
  const once = (key: string, make: () => number): MemoryDescriptor => {
    const there = known.get(key) ?? make();
    known.set(key, there);
    return there;
  };
  const strided = (shape: readonly number[], type: number, strides: readonly number[]): MemoryDescriptor =>
    once(`${shape}:${type}:${strides}`, () =>
      described("memory_desc_create_with_strides", shape.length, dims(shape), type, dims(strides)),
    );

  /**
   * Copies of what primitives have, by bytes; one of each kind, so that it stands for all that are
   * equal.
   */
  const copies = new Map<number, number[]>();
  const copied = (address: number): MemoryDescriptor => {
    const bytes = Number(size(address));
    const alike = copies.get(bytes) ?? [];
    copies.set(bytes, alike);
    const there = alike.find((each) => functions.memory_desc_equal(each, address) === 1);
    if (there !== undefined) return there;
    const copy = described("memory_desc_clone", address);
    alike.push(copy);
    return copy;
  };

  /**
   * Where the arguments of operations after a primitive begin. The number has changed within 3.x,
   * so a primitive is asked which of the arguments it has.
   */
  let base: number | undefined;
  const hasArgument = (primitiveDescriptor: number, argument: number): boolean =>
    Number(size(Number(queried(primitiveDescriptor, QUERY.argument, argument)))) > 0;

  /** A forward operation. */
  const forward = (to: PlanArguments, name: Name, ...parameters: readonly unknown[]): number =>
    functions[name](to.into, to.engine, ...parameters, to.attributes) as number;
  /** The gradient of one. */
  const gradient = (to: PlanArguments, name: Name, ...parameters: readonly unknown[]): number =>
    functions[name](to.into, to.engine, ...parameters, to.hint, to.attributes) as number;
  return {
    descriptor(shape, type, layout) {
      if (layout === "nhwc") {
        const [, c, h, w] = shape as readonly [number, number, number, number];
        return strided(shape, TYPES[type], [h * w * c, 1, w * c, c]);
      }
      const tag = layout === "plain" ? PLAIN_TAGS[shape.length]! : ANY_TAG;
      return once(`${shape}:${type}:${layout}`, () =>
        described("memory_desc_create_with_tag", shape.length, dims(shape), TYPES[type], tag),
      );
    },
    strided: (shape, strides) => strided(shape, TYPES.f32, strides),
    bytesOf: (descriptor) => Number(size(descriptor)),
    keyOf: String,
    query(primitiveDescriptor, what) {
      const address = Number(queried(primitiveDescriptor, what, 0));
      return address === 0 ? undefined : copied(address);
    },
    memory: (into, descriptor, engine, address) =>
      functions.memory_create(into, descriptor, engine, address) as number,
    appendUnary: (operations, algorithm, alpha, beta) =>
      functions.post_ops_append_eltwise(operations, ALGORITHM[algorithm], alpha, beta) as number,
    appendBinary: (operations, algorithm, descriptor) =>
      functions.post_ops_append_binary(operations, ALGORITHM[algorithm], descriptor) as number,
    postOpArgument(i, primitiveDescriptor) {
      const number = (from: number): number => (from * (i + 1)) | ARGUMENT.source1;
      base ??= POST_OP.find((from) => hasArgument(primitiveDescriptor, number(from)));
      if (base === undefined) throw new Error("The arguments of operations after a primitive are not known.");
      return number(base);
    },
    reorder: ({ into, engine, attributes }, from, result) =>
      functions.reorder_primitive_desc_create(into, from, engine, result, engine, attributes) as number,
    convolution: (to, [x, w, bias, y], geometry) =>
      forward(
        to,
        "convolution_forward_primitive_desc_create",
        ...[training, directConvolution, x, w, bias ?? 0, y, ...geometryOf(geometry)],
      ),
    convolutionInput: (to, maps, geometry) =>
      gradient(
        to,
        "convolution_backward_data_primitive_desc_create",
        ...[directConvolution, ...maps, ...geometryOf(geometry)],
      ),
    convolutionWeights: (to, [x, dw, db, dy], geometry) =>
      gradient(
        to,
        "convolution_backward_weights_primitive_desc_create",
        ...[directConvolution, x, dw, db ?? 0, dy, ...geometryOf(geometry)],
      ),
    batchNorm(to, x, epsilon, relu) {
      const name = "batch_normalization_forward_primitive_desc_create";
      return forward(to, name, training, x, x, epsilon, flagsOf(relu));
    },
    gradientTakesShift: false,
    batchNormGradient(to, x, epsilon, relu) {
      const name = "batch_normalization_backward_primitive_desc_create";
      return gradient(to, name, backward, x, x, x, epsilon, flagsOf(relu));
    },
    unary(to, algorithm, x, alpha, beta) {
      const name = "eltwise_forward_primitive_desc_create";
      return forward(to, name, training, ALGORITHM[algorithm], x, x, alpha, beta);
    },
    reluGradient: (to, y, dy, slope) =>
      gradient(to, "eltwise_backward_primitive_desc_create", reluFromResult, dy, dy, y, slope, 0),
    binary: (to, algorithm, maps) =>
      forward(to, "binary_primitive_desc_create", ALGORITHM[algorithm], ...maps),
    pool(to, maps, window) {
      const name = "pooling_forward_primitive_desc_create";
      return forward(to, name, training, averagePool, ...maps, ...windowOf(window));
    },
    poolGradient: (to, maps, window) =>
      gradient(to, "pooling_backward_primitive_desc_create", averagePool, ...maps, ...windowOf(window)),
    bilinearUpsample: (to, maps) =>
      forward(to, "resampling_forward_primitive_desc_create", training, bilinear, SCALE_2X, ...maps),
    bilinearUpsampleGradient: (to, maps) =>
      gradient(to, "resampling_backward_primitive_desc_create", bilinear, SCALE_2X, ...maps),
    product: (to, [a, b, c]) => forward(to, "matmul_primitive_desc_create", a, b, 0, c),
    close() {
      for (const descriptor of all) functions.memory_desc_destroy(descriptor);
      all.clear();
      known.clear();
      copies.clear();
    },
  };
}
