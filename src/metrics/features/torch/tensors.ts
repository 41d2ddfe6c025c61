/**
 * What `torch.save` puts into a pickle: tensors as views of storages, which lie elsewhere in the
 * file.
 */
import {
  asName,
  isKind,
  PickleError,
  type PickleObject,
  type PickleRules,
  type PickleValue,
} from "../../../base/pickle/values.ts";
import type { TensorData } from "../../../engine/engine.ts";
import { sizeOf } from "../../../graph/index.ts";
import { TORCH_TYPES, type TorchType } from "./dtypes.ts";

/** A block of numbers in the file. */
export interface Storage extends PickleObject {
  readonly kind: "storage";
  readonly type: TorchType;
  /** Under which name its bytes lie in the file. */
  readonly key: string;
  /** Elements of the block that the file holds under `key`. */
  readonly whole: number;
  /** The part that is this storage: first element and number of elements. */
  readonly first: number;
  readonly length: number;
}

/** A view of a storage. Offset and strides are in elements. */
export interface TensorView extends PickleObject {
  readonly kind: "tensor";
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A tensor with its values. */
export interface TorchTensor {
  /** PyTorch's name of the element type: `float32`, `float16`, … */
  readonly type: string;
  readonly shape: readonly number[];
  /** Row-major. Floating point as float32, integers as int64, bytes and truth values as uint8. */
  readonly data: TensorData;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

/** Whether a value out of a pickle is a tensor. */
export const isTensorView = (value: PickleValue): value is TensorView => isKind<TensorView>(value, "tensor");

/**
 * `("storage", torch.FloatStorage, key, device, elements)`, in older files followed by `(key,
 * first, length)` of a part or None.
 */
function storage(id: PickleValue): Storage {
  const [word, type, key, , whole, part] = Array.isArray(id) ? id : [];
  const known = TORCH_TYPES.find((each) => `torch.${each.storage}` === asName(type));
  if (word !== "storage" || !known || !(typeof key === "string" || isCount(key)) || !isCount(whole))
    throw new PickleError("refers to something outside the pickle that is no storage of numbers");
  const [first, length] = Array.isArray(part) ? part.slice(1) : [0, whole];
  if (!isCount(first) || !isCount(length) || first + length > whole)
    throw new PickleError(`has a storage that reaches beyond the ${whole} numbers it is a part of`);
  return { kind: "storage", type: known, key: String(key), whole, first, length };
}

/** `(storage, offset, shape, strides, requires_grad, hooks)` */
function rebuildTensor(args: readonly PickleValue[]): TensorView {
  const [from, offset, shape, strides] = args;
  if (!isKind<Storage>(from, "storage") || !isCount(offset) || !isCounts(shape) || !isCounts(strides))
    throw new PickleError("has a tensor whose description makes no sense");
  if (shape.length !== strides.length)
    throw new PickleError("has a tensor whose shape and strides differ in length");
  const size = sizeOf(shape);
  const last = size === 0 ? 0 : shape.reduce((at, n, i) => at + (n - 1) * strides[i]!, offset);
  // Strides of 0 could make a tensor of any size out of one number.
  if (size > from.length || (size > 0 && last >= from.length))
    throw new PickleError(
      `has a tensor [${shape.join(", ")}] that reaches beyond its ${from.length} numbers`,
    );
  return { kind: "tensor", storage: from, offset, shape: [...shape], strides: [...strides] };
}

/** `(tensor, requires_grad, hooks)` */
function rebuildParameter([tensor]: readonly PickleValue[]): TensorView {
  if (tensor === undefined || !isTensorView(tensor))
    throw new PickleError("has a parameter that is no tensor");
  return tensor;
}

/** Everything that a file of tensors names. Nothing of it can do anything but describe numbers. */
export const TENSOR_RULES = {
  file: "a file of tensors",
  protocols: [2],
  strings: "text",
  names: new Map<string, ((args: readonly PickleValue[]) => PickleValue) | null>([
    ["collections.OrderedDict", (): PickleValue => new Map()],
    ["torch._utils._rebuild_tensor_v2", rebuildTensor],
    ["torch._utils._rebuild_parameter", rebuildParameter],
    ...TORCH_TYPES.map((type) => [`torch.${type.storage}`, null] as const),
  ]),
  persistent: storage,
} satisfies PickleRules;

/**
 * The values of a tensor.
 * @param bytes of the whole block that its storage is a part of
 * @throws PickleError when the block has another length than the pickle says
 */
export function materialize(view: TensorView, bytes: Uint8Array): TorchTensor {
  const { type, key, whole, first } = view.storage;
  if (bytes.length !== whole * type.bytes)
    throw new PickleError(
      `holds ${bytes.length} bytes in storage ${key}, where ${whole * type.bytes} belong`,
    );
  if (type.name === "float32" && isRowMajor(view)) {
    const start = (first + view.offset) * type.bytes;
    // A copy begins at the start of a buffer of its own, so that it is aligned.
    const copy = Uint8Array.prototype.slice.call(bytes, start, start + sizeOf(view.shape) * type.bytes);
    return { type: type.name, shape: view.shape, data: new Float32Array(copy.buffer) };
  }
  const data = type.create(sizeOf(view.shape));
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const index = view.shape.map(() => 0);
  let at = first + view.offset;
  for (let i = 0; i < data.length; i++) {
    type.read(numbers, at * type.bytes, data, i);
    for (let axis = index.length - 1; axis >= 0; axis--) {
      at += view.strides[axis]!;
      if (++index[axis]! < view.shape[axis]!) break;
      at -= view.strides[axis]! * view.shape[axis]!;
      index[axis] = 0;
    }
  }
  return { type: type.name, shape: view.shape, data };
}

/** Whether the elements lie in the file as they are wanted, one after another. */
function isRowMajor({ shape, strides }: TensorView): boolean {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return true;
}
