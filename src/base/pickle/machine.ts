/** The stack machine that a pickle is a program for. */
import { PickleError, type PickleObject, type PickleRules, type PickleValue } from "./values.ts";

/** Marks the beginning of a group on the stack; no value a pickle can make is this object. */
const MARK: PickleObject = { kind: "mark" };
/** Bytes that are read, a stack and a memo. */
export class Machine {
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

/** Text of bytes. @throws PickleError when they are not UTF-8 */
export const utf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PickleError("has text in a pickle that is not UTF-8");
  }
};
