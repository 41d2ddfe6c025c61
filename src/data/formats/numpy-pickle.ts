/**
 * Pickles of plain data and NumPy arrays (as CIFAR's Python version is stored): four names of NumPy
 * and one of `codecs` stand for what they make, and nothing is executed. See NumPy's
 * `ndarray.__reduce__`.
 */
import { readPickle } from "../../base/pickle/read.ts";
import {
  asName,
  isKind,
  latin1,
  PickleError,
  type PickleObject,
  type PickleRules,
  type PickleValue,
} from "../../base/pickle/values.ts";

/** What such a pickle holds. Tuples are arrays; a Python 2 `str` is bytes. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NumpyArray
  | readonly PlainValue[]
  | ReadonlyMap<string, PlainValue>;

/** A NumPy array in C order. */
export class NumpyArray {
  readonly shape: readonly number[];
  /** NumPy's name of the element type, for example `u1`. */
  readonly dtype: string;
  readonly data: Uint8Array;

  constructor(shape: readonly number[], dtype: string, data: Uint8Array) {
    this.shape = shape;
    this.dtype = dtype;
    this.data = data;
  }
}

/** An element type. */
interface Dtype extends PickleObject {
  readonly kind: "dtype";
  readonly name: string;
}

/** An array that its attributes complete. */
interface Pending extends PickleObject {
  readonly kind: "array";
  value?: NumpyArray;
}

const UNKNOWN_CALL = "calls NumPy in a way that is not known";

function encode([text, encoding]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== "string" || textOf(encoding) !== "latin1") throw new PickleError(UNKNOWN_CALL);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function reconstruct([type]: readonly PickleValue[]): Pending {
  if (asName(type) !== "numpy.ndarray") throw new PickleError(UNKNOWN_CALL);
  return { kind: "array" };
}

const dtype = ([name]: readonly PickleValue[]): Dtype => ({ kind: "dtype", name: textOf(name) ?? "" });

/**
 * An array's state is (version, shape, dtype, is Fortran order, bytes); a dtype's is byte order
 * only.
 */
function build(object: PickleObject, state: PickleValue): void {
  if (!Array.isArray(state)) throw new PickleError("has an array without a state");
  if (isKind<Dtype>(object, "dtype")) {
    // The second entry is the byte order; the rest matter for records only.
    const order = textOf(state[1]);
    if (order !== "|" && order !== "<") throw new PickleError(`has an array of the byte order "${order}"`);
    return;
  }
  if (!isKind<Pending>(object, "array")) throw new PickleError("gives attributes to something that has none");
  const [, shape, type, fortran, data] = state;
  if (!Array.isArray(shape) || !shape.every((side): side is number => typeof side === "number" && side >= 0))
    throw new PickleError("has an array without a shape");
  const known = isKind<Dtype>(type, "dtype") ? /^[biuf]([1248])$/.exec(type.name) : null;
  if (!known) throw new PickleError("has an array with elements of an unknown type");
  const itemSize = Number(known[1]);
  const length = shape.reduce((product, side) => product * side, itemSize);
  if (!(data instanceof Uint8Array) || data.length !== length)
    throw new PickleError(`has an array of ${shape.join("×")} without its ${length} bytes`);
  object.value = new NumpyArray(shape, known[0], fortran === true ? toRows(data, shape, itemSize) : data);
}

/** Column-major to row-major order, for two dimensions at most. */
function toRows(data: Uint8Array, shape: readonly number[], itemSize: number): Uint8Array {
  if (shape.length < 2) return data;
  if (shape.length > 2 || itemSize !== 1) throw new PickleError("has an array in Fortran order");
  const [rows, columns] = [shape[0]!, shape[1]!];
  const out = new Uint8Array(data.length);
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) out[row * columns + column] = data[column * rows + row]!;
  return out;
}

const RULES: PickleRules = {
  file: "a file of images",
  protocols: [2, 3],
  strings: "bytes",
  names: new Map<string, ((args: readonly PickleValue[]) => PickleValue) | null>([
    ["numpy.core.multiarray._reconstruct", reconstruct],
    ["numpy._core.multiarray._reconstruct", reconstruct],
    ["numpy.ndarray", null],
    ["numpy.dtype", dtype],
    ["_codecs.encode", encode],
  ]),
  build,
};

/**
 * The value in `bytes`.
 * @throws PickleError if they are truncated, hold anything but plain data, or use another protocol
 */
export const unpickle = (bytes: Uint8Array): PlainValue => finished(readPickle(bytes, 0, RULES).value);

/** A dictionary's key: text, or the bytes of a Python 2 `str`. */
function keyOf(key: PickleValue): string {
  const text = textOf(key);
  if (text === undefined) throw new PickleError("has a dictionary with keys that are not text");
  return text;
}

/**
 * The value without what was only needed on the way.
 * @throws PickleError if an object was never completed
 */
function finished(whole: PickleValue): PlainValue {
  const seen = new Map<PickleValue, PlainValue>();
  const visit = (value: PickleValue, depth: number): PlainValue => {
    if (depth > 100) throw new PickleError("is nested too deeply");
    if (!(value instanceof Object) || value instanceof Uint8Array) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    let result: PlainValue;
    if (Array.isArray(value)) result = value.map((inner) => visit(inner, depth + 1));
    else if (value instanceof Map)
      result = new Map([...value].map(([key, inner]) => [keyOf(key), visit(inner, depth + 1)]));
    else if (isKind<Pending>(value, "array") && value.value) result = value.value;
    else throw new PickleError(whatIsLeft(value));
    seen.set(value, result);
    return result;
  };
  return visit(whole, 0);
}

const whatIsLeft = (value: PickleObject): string =>
  value.kind === "name" ? "holds a name where data must be" : "has an array that was never filled";

/** Text, whether Python 2 wrote it as bytes or Python 3 as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? latin1(value) : undefined;
}
