/** The element types of tensors, and all that depends on which one it is. */

/** Element types that cross the border of a graph. */
export type DType = "float32" | "int64" | "bool" | "uint8";

/** Values of a tensor: uint8 and bool as `Uint8Array`, int64 as `BigInt64Array`. */
export type TypedValues = Float32Array | BigInt64Array | Uint8Array;

/** What belongs to an element type. */
export interface DTypeFacts {
  /** Number of the type in ONNX (TensorProto.DataType). */
  readonly onnx: number;
  /** Bytes of one element. */
  readonly bytes: number;
  /** What holds its values. */
  readonly array: { new (length: number): TypedValues; readonly name: string };
}

/** The one table of element types. */
export const DTYPES: Readonly<Record<DType, DTypeFacts>> = {
  float32: { onnx: 1, bytes: 4, array: Float32Array },
  uint8: { onnx: 2, bytes: 1, array: Uint8Array },
  int64: { onnx: 7, bytes: 8, array: BigInt64Array },
  bool: { onnx: 9, bytes: 1, array: Uint8Array },
};

/** Zeros of an element type. */
export const zerosOf = (dtype: DType, length: number): TypedValues => new DTYPES[dtype].array(length);
