/**
 * Python pickles, read without executing anything. A pickle is a program for a small stack machine (the opcodes are listed in CPython's
 * `pickletools`); its danger is that it may name any function and call it. Here only the opcodes that `torch.save` writes (protocol 2)
 * are known, and only names on a list given by the caller may appear; whatever else stands in the file is refused before it has any
 * effect. The opcodes that make objects of arbitrary classes are not implemented at all.
 */

/** A value out of a pickle. Lists and tuples are arrays, dictionaries maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | PickleMap
  | PickleObject;

/** A dictionary, in the order of insertion. */
export interface PickleMap extends Map<PickleValue, PickleValue> {}

/** A name (`collections.OrderedDict`), or whatever the caller's rules make of calls and persistent ids. */
export interface PickleObject {
  readonly kind: string;
}

/** A class or function that was named. */
export interface PickleName extends PickleObject {
  readonly kind: "name";
  readonly name: string;
}

/** What a pickle may contain. */
export interface PickleRules {
  /** Names that may appear, `module.name`. The function is what calling it gives; null: it may be named, but not called. */
  readonly names: ReadonlyMap<string, ((args: readonly PickleValue[]) => PickleValue) | null>;
  /** The object for a persistent id. */
  persistent(id: PickleValue): PickleValue;
}

/** Why a pickle was refused: half a sentence that reads well after "PATH: ". */
export class PickleError extends Error {
  override readonly name = "PickleError";
}

/** A name, or undefined for any other value. */
export function asName(value: PickleValue | undefined): string | undefined {
  return value instanceof Object && "kind" in value && value.kind === "name"
    ? (value as PickleName).name
    : undefined;
}

/** The value of one pickle, and the place behind it. @throws PickleError when it is damaged or holds what the rules do not allow */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  rules: PickleRules,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(bytes, start, rules);
  for (;;) {
    const place = machine.position;
    const opcode = machine.byte();
    if (opcode === STOP) return { value: machine.pop(), end: machine.position };
    const run = OPCODES.get(opcode);
    if (!run)
      throw new PickleError(
        `has the pickle instruction 0x${opcode.toString(16).padStart(2, "0")} at byte ${place}, which a file of tensors does not need`,
      );
    run(machine);
  }
}

/** Marks the beginning of a group on the stack; no value a pickle can make is this object. */
const MARK: PickleObject = { kind: "mark" };
const STOP = 0x2e;
/** Longest integer, in bytes: torch.save's magic number takes ten. */
const LONGEST_INTEGER = 16;

class Machine {
  position: number;
  readonly rules: PickleRules;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: PickleValue[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, start: number, rules: PickleRules) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.rules = rules;
  }

  /** The next `count` bytes; not copied. */
  take(count: number): Uint8Array {
    const end = this.position + count;
    if (end > this.#bytes.length)
      throw new PickleError(`ends in the middle of a pickle (byte ${this.position})`);
    const taken = this.#bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  /** A number of `count` bytes by one of DataView's readers. */
  number(count: number, read: (view: DataView, at: number) => number): number {
    const at = this.position;
    this.take(count);
    return read(this.#view, at);
  }

  /** Text to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    const text = utf8(this.take((end < 0 ? this.#bytes.length : end) - this.position));
    this.byte();
    return text;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK)
      throw new PickleError(`is no valid pickle (byte ${this.position})`);
    return value;
  }

  /** The topmost value, which stays. */
  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#stack.push(MARK);
  }

  /** Everything above the last mark. */
  popGroup(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw new PickleError(`is no valid pickle (byte ${this.position})`);
    return this.#stack.splice(at).slice(1);
  }

  remember(slot: number): void {
    this.#memo.set(slot, this.top());
  }

  recall(slot: number): void {
    const value = this.#memo.get(slot);
    if (value === undefined) throw new PickleError(`is no valid pickle (byte ${this.position})`);
    this.push(value);
  }
}

const utf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PickleError("has text in a pickle that is not UTF-8");
  }
};
/** Strings of Python 2. */
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const uint8 = (m: Machine): number => m.byte();
const uint16 = (m: Machine): number => m.number(2, (view, at) => view.getUint16(at, true));
const uint32 = (m: Machine): number => m.number(4, (view, at) => view.getUint32(at, true));
const int32 = (m: Machine): number => m.number(4, (view, at) => view.getInt32(at, true));

/** Two's complement, little-endian, of any length; a plain number where that is exact. */
function long(m: Machine): number | bigint {
  const length = uint8(m);
  if (length > LONGEST_INTEGER) throw new PickleError(`has an integer of ${length} bytes in a pickle`);
  let value = 0n;
  m.take(length).forEach((byte, i) => {
    value |= BigInt(byte) << BigInt(8 * i);
  });
  value = BigInt.asIntN(8 * length, value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** MODULE and NAME, a line each. */
function name(m: Machine): PickleName {
  const full = `${m.line()}.${m.line()}`;
  if (!m.rules.names.has(full))
    throw new PickleError(
      `names ${printable(full)}, which is no part of a file of tensors; loading such a file in Python may run code`,
    );
  return { kind: "name", name: full };
}

/** Text out of a hostile file, fit for a terminal. */
const printable = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).replace(/[\u007f-\u009f]/g, "?");

function call(m: Machine): PickleValue {
  const args = m.pop();
  const called = asName(m.pop());
  const run = called === undefined ? undefined : m.rules.names.get(called);
  if (!run || !Array.isArray(args))
    throw new PickleError(
      `calls ${called === undefined ? "something that is no function" : called}, which it may not`,
    );
  return run(args);
}

function setItems(m: Machine, items: readonly PickleValue[]): void {
  const map = m.top();
  if (!(map instanceof Map) || items.length % 2 !== 0)
    throw new PickleError(`is no valid pickle (byte ${m.position})`);
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
}

function append(m: Machine, items: readonly PickleValue[]): void {
  const list = m.top();
  if (!Array.isArray(list)) throw new PickleError(`is no valid pickle (byte ${m.position})`);
  for (const item of items) list.push(item);
}

/** Attributes of an object: only dictionaries have any here (`_metadata` of a state dict), and they are of no use. */
function build(m: Machine): void {
  m.pop();
  if (!(m.top() instanceof Map)) throw new PickleError("gives attributes to something that is no dictionary");
}

function protocol(m: Machine): void {
  const version = uint8(m);
  if (version !== 2)
    throw new PickleError(`is a pickle of protocol ${version}, where torch.save writes protocol 2`);
}

/** `count` values from the top of the stack, in the order in which they were pushed. */
const popSome = (m: Machine, count: number): PickleValue[] =>
  Array.from({ length: count }, () => m.pop()).reverse();

const OPCODES: ReadonlyMap<number, (m: Machine) => void> = new Map([
  [0x80, protocol], // PROTO
  [0x28, (m: Machine) => m.mark()], // MARK
  [0x30, (m) => void m.pop()], // POP
  // Constants.
  [0x4e, (m) => m.push(null)], // NONE
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4b, (m) => m.push(uint8(m))], // BININT1
  [0x4d, (m) => m.push(uint16(m))], // BININT2
  [0x4a, (m) => m.push(int32(m))], // BININT
  [0x8a, (m) => m.push(long(m))], // LONG1
  [0x47, (m) => m.push(m.number(8, (view, at) => view.getFloat64(at, false)))], // BINFLOAT
  [0x58, (m) => m.push(utf8(m.take(uint32(m))))], // BINUNICODE
  [0x55, (m) => m.push(latin1(m.take(uint8(m))))], // SHORT_BINSTRING
  // Containers.
  [0x29, (m) => m.push([])], // EMPTY_TUPLE
  [0x85, (m) => m.push(popSome(m, 1))], // TUPLE1
  [0x86, (m) => m.push(popSome(m, 2))], // TUPLE2
  [0x87, (m) => m.push(popSome(m, 3))], // TUPLE3
  [0x74, (m) => m.push(m.popGroup())], // TUPLE
  [0x5d, (m) => m.push([])], // EMPTY_LIST
  [0x61, (m) => append(m, popSome(m, 1))], // APPEND
  [0x65, (m) => append(m, m.popGroup())], // APPENDS
  [0x7d, (m) => m.push(new Map())], // EMPTY_DICT
  [0x73, (m) => setItems(m, popSome(m, 2))], // SETITEM
  [0x75, (m) => setItems(m, m.popGroup())], // SETITEMS
  // The memo.
  [0x71, (m) => m.remember(uint8(m))], // BINPUT
  [0x72, (m) => m.remember(uint32(m))], // LONG_BINPUT
  [0x68, (m) => m.recall(uint8(m))], // BINGET
  [0x6a, (m) => m.recall(uint32(m))], // LONG_BINGET
  // Names, calls, objects.
  [0x63, (m) => m.push(name(m))], // GLOBAL
  [0x52, (m) => m.push(call(m))], // REDUCE
  [0x51, (m) => m.push(m.rules.persistent(m.pop()))], // BINPERSID
  [0x62, build], // BUILD
]);
