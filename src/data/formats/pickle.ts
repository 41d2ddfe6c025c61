/**
 * Reads Python pickles of plain data and NumPy arrays (protocol 2 and 3, as CIFAR's Python version is stored) without executing
 * anything: the few opcodes that build numbers, text, lists, tuples, dictionaries and arrays are interpreted, four names of NumPy and
 * one of `codecs` stand for what they make, and everything else is refused.
 * https://docs.python.org/3/library/pickletools.html; NumPy's `ndarray.__reduce__`
 */

/** What a pickle of plain data holds. Tuples are arrays; a Python 2 `str` is bytes. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | NumpyArray
  | readonly PickleValue[]
  | ReadonlyMap<string, PickleValue>;

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

/** The bytes are no pickle of plain data; the message says why. */
export class PickleError extends Error {
  override readonly name = "PickleError";
}

/** What can stand on the stack besides values. */
type Item = PickleValue | Item[] | Map<string, Item> | Global | Pending;

/** A name from a Python module; only these. */
class Global {
  static readonly KNOWN: Readonly<Record<string, "reconstruct" | "ndarray" | "dtype" | "encode">> = {
    "numpy.core.multiarray _reconstruct": "reconstruct",
    "numpy._core.multiarray _reconstruct": "reconstruct",
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "_codecs encode": "encode",
  };
  readonly kind: "reconstruct" | "ndarray" | "dtype" | "encode";
  constructor(name: string) {
    const kind = Object.hasOwn(Global.KNOWN, name) ? Global.KNOWN[name] : undefined;
    if (!kind)
      throw new PickleError(`it names "${name.replace(" ", ".")}", and nothing in a file is executed`);
    this.kind = kind;
  }
}

/** An object that a later BUILD completes. */
class Pending {
  readonly kind: "array" | "dtype";
  readonly dtype: string;
  value: NumpyArray | undefined;
  constructor(kind: "array" | "dtype", dtype: string) {
    this.kind = kind;
    this.dtype = dtype;
  }
}

const MARK = Symbol("mark");

/**
 * The value in `bytes`.
 * @throws PickleError if they are truncated, hold anything but plain data, or use another protocol
 */
export function unpickle(bytes: Uint8Array): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: (Item | typeof MARK)[] = [];
  const memo = new Map<number, Item>();
  let at = 0;

  const take = (length: number): number => {
    if (at + length > bytes.length) throw new PickleError("it ends too early");
    at += length;
    return at - length;
  };
  const block = (length: number): Uint8Array => {
    const from = take(length);
    return bytes.subarray(from, from + length);
  };
  const u8 = (): number => bytes[take(1)]!;
  const u32 = (): number => view.getUint32(take(4), true);
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw new PickleError("it ends too early");
    const text = latin1(bytes.subarray(at, end));
    at = end + 1;
    return text;
  };
  const pop = (): Item => {
    const item = stack.pop();
    if (item === undefined || item === MARK) throw new PickleError("its stack runs empty");
    return item;
  };
  const popToMark = (): Item[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) throw new PickleError("its stack has no mark");
    return stack.splice(mark).slice(1) as Item[];
  };
  const top = <T extends Item>(is: (item: unknown) => item is T, what: string): T => {
    const item = stack.at(-1);
    if (!is(item)) throw new PickleError(`its stack has no ${what} where one must be`);
    return item;
  };
  const put = (index: number): void => {
    const item = pop();
    memo.set(index, item);
    stack.push(item);
  };
  const get = (index: number): void => {
    const item = memo.get(index);
    if (item === undefined) throw new PickleError(`it refers to item ${index}, which it does not have`);
    stack.push(item);
  };
  const setItems = (items: readonly Item[]): void => {
    const map = top(isMap, "dictionary");
    if (items.length % 2 !== 0) throw new PickleError("a key has no value");
    for (let i = 0; i < items.length; i += 2) map.set(keyOf(items[i]!), items[i + 1]!);
  };
  const tuple = (length: number): void => {
    const items = Array.from({ length }, pop).reverse();
    stack.push(items);
  };

  const opcodes: Readonly<Record<number, () => void>> = {
    128: () => {
      const protocol = u8();
      if (protocol !== 2 && protocol !== 3) throw new PickleError(`its protocol is ${protocol}, not 2 or 3`);
    },
    [code("}")]: () => void stack.push(new Map()),
    [code("]")]: () => void stack.push([]),
    [code(")")]: () => void stack.push([]),
    [code("(")]: () => void stack.push(MARK),
    [code("t")]: () => void stack.push(popToMark()),
    133: () => tuple(1),
    134: () => tuple(2),
    135: () => tuple(3),
    [code("N")]: () => void stack.push(null),
    136: () => void stack.push(true),
    137: () => void stack.push(false),
    [code("K")]: () => void stack.push(u8()),
    [code("M")]: () => void stack.push(view.getUint16(take(2), true)),
    [code("J")]: () => void stack.push(view.getInt32(take(4), true)),
    [code("U")]: () => void stack.push(block(u8())),
    [code("T")]: () => void stack.push(block(u32())),
    [code("C")]: () => void stack.push(block(u8())),
    [code("B")]: () => void stack.push(block(u32())),
    [code("X")]: () => void stack.push(new TextDecoder().decode(block(u32()))),
    [code("q")]: () => put(u8()),
    [code("r")]: () => put(u32()),
    [code("h")]: () => get(u8()),
    [code("j")]: () => get(u32()),
    [code("a")]: () => {
      const item = pop();
      top(isList, "list").push(item);
    },
    [code("e")]: () => {
      const items = popToMark();
      const list = top(isList, "list");
      for (const item of items) list.push(item);
    },
    [code("s")]: () => {
      const value = pop();
      setItems([pop(), value]);
    },
    [code("u")]: () => setItems(popToMark()),
    [code("c")]: () => void stack.push(new Global(`${line()} ${line()}`)),
    [code("R")]: () => {
      const values = pop();
      stack.push(call(pop(), values));
    },
    [code("b")]: () => {
      const state = pop();
      build(top(isPending, "array"), state);
    },
  };

  for (;;) {
    const opcode = u8();
    if (opcode === code(".")) return finished(pop());
    const run = opcodes[opcode];
    if (!run) throw new PickleError(`it has the opcode 0x${opcode.toString(16)}, which plain data has not`);
    run();
  }
}

function code(character: string): number {
  return character.charCodeAt(0);
}

function isList(item: unknown): item is Item[] {
  return Array.isArray(item);
}

function isMap(item: unknown): item is Map<string, Item> {
  return item instanceof Map;
}

function isPending(item: unknown): item is Pending {
  return item instanceof Pending;
}

/** A dictionary's key: text, or the bytes of a Python 2 `str`. */
function keyOf(item: Item): string {
  if (typeof item === "string") return item;
  if (item instanceof Uint8Array) return latin1(item);
  throw new PickleError("a dictionary has keys that are not text");
}

/** What the whitelisted calls make: bytes from text, an element type, an array to be filled. */
function call(callee: Item, values: Item): Item {
  if (!(callee instanceof Global) || !isList(values)) throw new PickleError("it calls something unknown");
  const [first, second] = values;
  if (callee.kind === "encode" && typeof first === "string" && textOf(second) === "latin1") {
    const bytes = new Uint8Array(first.length);
    for (let i = 0; i < first.length; i++) bytes[i] = first.charCodeAt(i);
    return bytes;
  }
  if (callee.kind === "dtype") return new Pending("dtype", textOf(first) ?? "");
  if (callee.kind === "reconstruct" && first instanceof Global && first.kind === "ndarray")
    return new Pending("array", "");
  throw new PickleError("it calls NumPy in a way that is not known");
}

/** Completes an object: an array from (version, shape, dtype, is Fortran order, bytes); a dtype's state is byte order only. */
function build(pending: Pending, state: Item): void {
  if (!isList(state)) throw new PickleError("an array has no state");
  if (pending.kind === "dtype") {
    // The second entry is the byte order; the rest matter for records only.
    const order = textOf(state[1]);
    if (order !== "|" && order !== "<") throw new PickleError(`an array has the byte order "${order}"`);
    return;
  }
  const [, shape, dtype, fortran, data] = state;
  if (!isList(shape) || !shape.every((side): side is number => typeof side === "number" && side >= 0))
    throw new PickleError("an array has no shape");
  const itemSize = isPending(dtype) ? Number(/^[biuf]([1248])$/.exec(dtype.dtype)?.[1]) : Number.NaN;
  if (!isPending(dtype) || !(itemSize > 0)) throw new PickleError("an array has elements of an unknown type");
  const length = shape.reduce((product, side) => product * side, itemSize);
  if (!(data instanceof Uint8Array) || data.length !== length)
    throw new PickleError(`an array of ${shape.join("×")} does not have its ${length} bytes`);
  pending.value = new NumpyArray(shape, dtype.dtype, fortran === true ? toRows(data, shape, itemSize) : data);
}

/** Column-major to row-major order, for two dimensions at most. */
function toRows(data: Uint8Array, shape: readonly number[], itemSize: number): Uint8Array {
  if (shape.length < 2) return data;
  if (shape.length > 2 || itemSize !== 1) throw new PickleError("an array is in Fortran order");
  const [rows, columns] = [shape[0]!, shape[1]!];
  const out = new Uint8Array(data.length);
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) out[row * columns + column] = data[column * rows + row]!;
  return out;
}

/** The value without what was only needed on the way. @throws PickleError if an object was never completed */
function finished(item: Item): PickleValue {
  const seen = new Map<Item, PickleValue>();
  const visit = (value: Item, depth: number): PickleValue => {
    if (depth > 100) throw new PickleError("it is nested too deeply");
    if (isPending(value)) {
      if (!value.value) throw new PickleError("an array was never filled");
      return value.value;
    }
    if (value instanceof Global) throw new PickleError("it holds a name where data must be");
    if (!isList(value) && !isMap(value)) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const result = isList(value)
      ? value.map((inner) => visit(inner, depth + 1))
      : new Map([...value].map(([key, inner]) => [key, visit(inner, depth + 1)]));
    seen.set(value, result);
    return result;
  };
  return visit(item, 0);
}

/** Text, whether Python 2 wrote it as bytes or Python 3 as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? latin1(value) : undefined;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
