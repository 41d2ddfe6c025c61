/**
 * PyTorch's element types: their storage classes, sizes, and what they become here. All files are
 * little-endian.
 */
import type { TensorData } from "../../../engine/engine.ts";

/** An element type. */
export interface TorchType {
  readonly name: string;
  /** The class that names it in a file, under `torch`. */
  readonly storage: string;
  readonly bytes: number;
  /** An empty array of what `read` gives. */
  readonly create: (length: number) => TensorData;
  /** Element at byte `at`, into element `to` of an array that `create` made. */
  readonly read: (view: DataView, at: number, out: TensorData, to: number) => void;
}

const floating = (
  name: string,
  storage: string,
  bytes: number,
  value: (view: DataView, at: number) => number,
): TorchType => ({
  name,
  storage,
  bytes,
  create: (length) => new Float32Array(length),
  read: (view, at, out, to) => {
    (out as Float32Array)[to] = value(view, at);
  },
});

const integer = (
  name: string,
  storage: string,
  bytes: number,
  value: (view: DataView, at: number) => bigint | number,
): TorchType => ({
  name,
  storage,
  bytes,
  create: (length) => new BigInt64Array(length),
  read: (view, at, out, to) => {
    (out as BigInt64Array)[to] = BigInt(value(view, at));
  },
});

const byte = (name: string, storage: string): TorchType => ({
  name,
  storage,
  bytes: 1,
  create: (length) => new Uint8Array(length),
  read: (view, at, out, to) => {
    (out as Uint8Array)[to] = view.getUint8(at);
  },
});

/** IEEE 754 half precision: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function half(view: DataView, at: number): number {
  const bits = view.getUint16(at, true);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function brain(view: DataView, at: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setUint16(2, view.getUint16(at, true), true);
  return bits.getFloat32(0, true);
}

/**
 * Floating point becomes float32 (float64 is rounded), integers int64, bytes and truth values
 * uint8.
 */
export const TORCH_TYPES: readonly TorchType[] = [
  floating("float64", "DoubleStorage", 8, (view, at) => view.getFloat64(at, true)),
  floating("float32", "FloatStorage", 4, (view, at) => view.getFloat32(at, true)),
  floating("float16", "HalfStorage", 2, half),
  floating("bfloat16", "BFloat16Storage", 2, brain),
  integer("int64", "LongStorage", 8, (view, at) => view.getBigInt64(at, true)),
  integer("int32", "IntStorage", 4, (view, at) => view.getInt32(at, true)),
  integer("int16", "ShortStorage", 2, (view, at) => view.getInt16(at, true)),
  integer("int8", "CharStorage", 1, (view, at) => view.getInt8(at)),
  byte("uint8", "ByteStorage"),
  byte("bool", "BoolStorage"),
];
