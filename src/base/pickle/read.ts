/**
 * Python pickles, read without executing anything. A pickle is a program for a small stack machine
 * (the opcodes are listed in CPython's `pickletools`); its danger is that it may name any function
 * and call it. Here only the opcodes are known that plain data, arrays and tensors need (protocols
 * 2 and 3), and only names on a list given by the caller may appear; whatever else stands in the
 * file is refused before it has any effect. The opcodes that make objects of arbitrary classes are
 * not implemented at all.
 */
import { Machine, utf8 } from "./machine.ts";
import {
  asName,
  latin1,
  PickleError,
  type PickleName,
  type PickleRules,
  type PickleValue,
} from "./values.ts";

/**
 * The value of one pickle, and the place behind it.
 * @throws PickleError when it is damaged or holds what the rules do not allow
 */
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
        `has the pickle instruction 0x${opcode.toString(16).padStart(2, "0")} at byte ${place}, which ${rules.file} does not need`,
      );
    run(machine);
  }
}

const STOP = 0x2e;
/** Longest integer, in bytes: torch.save's magic number takes ten. */
const LONGEST_INTEGER = 16;

/** A string of Python 2. */
const string = ({ rules }: Machine, bytes: Uint8Array): PickleValue =>
  rules.strings === "bytes" ? bytes : latin1(bytes);

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
      `names ${printable(full)}, which is no part of ${m.rules.file}; loading such a file in Python may run code`,
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

/** Attributes of an object: of a dictionary (`_metadata` of a state dict) they are of no use. */
function build(m: Machine): void {
  const state = m.pop();
  const object = m.top();
  if (object instanceof Map) return;
  if (!m.rules.build || !(object instanceof Object) || !("kind" in object))
    throw new PickleError("gives attributes to something that has none");
  m.rules.build(object, state);
}

function persistent(m: Machine): PickleValue {
  if (!m.rules.persistent) throw new PickleError("refers to something outside the pickle");
  return m.rules.persistent(m.pop());
}

function protocol(m: Machine): void {
  const version = uint8(m);
  const { protocols, file } = m.rules;
  if (!protocols.includes(version))
    throw new PickleError(
      `is a pickle of protocol ${version}, where ${file} has protocol ${protocols.join(" or ")}`,
    );
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
  [0x55, (m) => m.push(string(m, m.take(uint8(m))))], // SHORT_BINSTRING
  [0x54, (m) => m.push(string(m, m.take(uint32(m))))], // BINSTRING
  [0x43, (m) => m.push(m.take(uint8(m)))], // SHORT_BINBYTES
  [0x42, (m) => m.push(m.take(uint32(m)))], // BINBYTES
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
  [0x51, (m) => m.push(persistent(m))], // BINPERSID
  [0x62, build], // BUILD
]);
