/** What is asked of oneDNN's C interface, whose functions differ between versions 2 and 3. */
import type { KoffiFunc } from "koffi";
import type { Algorithm, Geometry, Layout, MemoryDescriptor, MemoryType } from "./vocabulary.ts";

/** A function of the library. */
export type NativeFunction = KoffiFunc<(...parameters: readonly unknown[]) => unknown>;

/** Types of parameters, for koffi: a handle or an address, and memory of JavaScript. */
export const [H, P] = ["uint64", "void *"] as const;

/** The library before it is known what is in it. */
export interface BareLibrary {
  /** A function by its name without `dnnl_`. @throws Error when there is none */
  func(name: string, result: string, parameters: readonly string[]): NativeFunction;
  /** The bytes at an address. */
  view(address: number, bytes: number): ArrayBuffer;
}

/**
 * The functions of a table of parameters, each of which gives a `dnnl_status_t`.
 * @throws Error when one is missing
 */
export const functionsOf = <Name extends string>(
  library: Pick<BareLibrary, "func">,
  signatures: Readonly<Record<Name, readonly string[]>>,
): Readonly<Record<Name, NativeFunction>> =>
  Object.fromEntries(
    Object.entries<readonly string[]>(signatures).map(([name, parameters]) => [
      name,
      library.func(name, "int", parameters),
    ]),
  ) as Record<Name, NativeFunction>;

/** `dnnl_alg_kind_t`, as far as both versions have the same numbers. */
export const COMMON_ALGORITHMS = {
  directConvolution: 1,
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

/** A primitive descriptor to be made. */
export interface PlanArguments {
  /** Where its handle goes. */
  readonly into: BigUint64Array;
  readonly engine: number;
  readonly attributes: number;
  /** The primitive descriptor of the forward operation; 0 for one. */
  readonly hint: number;
}

/** Descriptors of a convolution: images, kernel, bias, result. */
export type ConvolutionMaps = readonly [
  MemoryDescriptor,
  MemoryDescriptor,
  MemoryDescriptor | undefined,
  MemoryDescriptor,
];
type Three = readonly [MemoryDescriptor, MemoryDescriptor, MemoryDescriptor];
type Two = readonly [MemoryDescriptor, MemoryDescriptor];
type Pair = readonly [number, number];

/**
 * The functions that differ. Those with `PlanArguments`, and those that return a number, give a
 * `dnnl_status_t`.
 */
export interface Calls {
  /** @throws Error when there is no such memory */
  descriptor(shape: readonly number[], type: MemoryType, layout: Layout): MemoryDescriptor;
  /**
   * A float32 tensor whose elements lie at any distances.
   * @throws Error when there is no such memory
   */
  strided(shape: readonly number[], strides: readonly number[]): MemoryDescriptor;
  /** Bytes that it takes. */
  bytesOf(descriptor: MemoryDescriptor): number;
  /** The same for descriptors of the same memory, where they come from the same question. */
  keyOf(descriptor: MemoryDescriptor): string;
  /** A descriptor that a primitive descriptor has; undefined where there is none. */
  query(primitiveDescriptor: number, what: number): MemoryDescriptor | undefined;
  /** Memory at an address, into `place`. */
  memory(place: BigUint64Array, descriptor: MemoryDescriptor, engine: number, address: number): number;
  appendUnary(operations: number, algorithm: Algorithm, alpha: number, beta: number): number;
  appendBinary(operations: number, algorithm: Algorithm, descriptor: MemoryDescriptor): number;
  /**
   * Number of the argument that is the second operand of the i-th operation after a primitive,
   * which has it.
   */
  postOpArgument(i: number, primitiveDescriptor: number): number;
  /** From one layout to another. */
  reorder(to: PlanArguments, from: MemoryDescriptor, result: MemoryDescriptor): number;
  convolution(to: PlanArguments, maps: ConvolutionMaps, geometry: Geometry): number;
  /** dx of dy. @param maps dx, w, dy */
  convolutionInput(to: PlanArguments, maps: Three, geometry: Geometry): number;
  /** dw and db of x and dy. @param maps x, dw, db, dy */
  convolutionWeights(to: PlanArguments, maps: ConvolutionMaps, geometry: Geometry): number;
  /** Normalization over the batch, with scale and shift. */
  batchNorm(to: PlanArguments, x: MemoryDescriptor, epsilon: number, relu: boolean): number;
  /** Whether its gradient is given the shift, which it does not need. */
  readonly gradientTakesShift: boolean;
  batchNormGradient(to: PlanArguments, x: MemoryDescriptor, epsilon: number, relu: boolean): number;
  unary(to: PlanArguments, algorithm: Algorithm, x: MemoryDescriptor, alpha: number, beta: number): number;
  /** dx of dy and the result of a ReLU. */
  reluGradient(to: PlanArguments, y: MemoryDescriptor, dy: MemoryDescriptor, slope: number): number;
  binary(to: PlanArguments, algorithm: Algorithm, maps: Three): number;
  /** Means of patches that do not overlap. @param maps x, y */
  pool(to: PlanArguments, maps: Two, size: Pair): number;
  /** @param maps dx, dy */
  poolGradient(to: PlanArguments, maps: Two, size: Pair): number;
  /** Bilinear doubling. @param maps x, y */
  bilinearUpsample(to: PlanArguments, maps: Two): number;
  /** @param maps dx, dy */
  bilinearUpsampleGradient(to: PlanArguments, maps: Two): number;
  product(to: PlanArguments, maps: Three): number;
  /** Free the descriptors that were made. */
  close(): void;
}

/** Sizes as oneDNN takes them. */
export const dims = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);

/** Strides, dilation (0 for neighbors), padding before and after. */
export const geometryOf = ({ strides, padding, dilation }: Geometry) =>
  [
    dims(strides),
    dims(dilation.map((n) => n - 1)),
    dims(padding.map(([low]) => low)),
    dims(padding.map(([, high]) => high)),
  ] as const;

/** Strides, kernel, dilation and padding of patches that do not overlap. */
export const windowOf = (size: Pair) =>
  [dims(size), dims(size), dims([0, 0]), dims([0, 0]), dims([0, 0])] as const;

/** Factors of a doubling. */
export const SCALE_2X = Float32Array.of(2, 2);

/** `dnnl_status_t`. */
const STATUS = [
  "success",
  "out of memory",
  "invalid arguments",
  "unimplemented",
  "iterator ends",
  "runtime error",
  "not required",
];

/** Hold a status against success. @throws Error with the function's name and the status's */
export function requireSuccess(status: unknown, name: string): void {
  if (status !== 0) throw new Error(`oneDNN's ${name}: ${STATUS[status as number] ?? `status ${status}`}`);
}
