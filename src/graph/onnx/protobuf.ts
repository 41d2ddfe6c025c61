/**
 * Just enough of the protocol-buffer wire format to write ONNX, and to take it apart again:
 * varints, length-delimited fields, little-endian floats. Field numbers come from onnx.proto (ONNX
 * project, Apache-2.0).
 */

const WIRE_VARINT = 0;
const WIRE_DOUBLE = 1;
const WIRE_BYTES = 2;
const WIRE_FLOAT = 5;

/** The varints of one byte. */
const SHORT_VARINTS = Array.from({ length: 128 }, (_, value) => Uint8Array.of(value));

/** Collects the fields of one message. */
export class MessageWriter {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  /** An int32/int64/enum field; negative numbers take ten bytes, as the format wants. */
  integer(field: number, value: number | bigint): this {
    this.#varint((field << 3) | WIRE_VARINT);
    this.#varint(value);
    return this;
  }

  /** A float field. */
  float(field: number, value: number): this {
    this.#varint((field << 3) | WIRE_FLOAT);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#push(bytes);
  }

  /** A double field. */
  double(field: number, value: number): this {
    this.#varint((field << 3) | WIRE_DOUBLE);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.#push(bytes);
  }

  /** A string field (UTF-8). */
  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A bytes field. The array is not copied: do not change it before `finish`. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | WIRE_BYTES);
    this.#varint(value.length);
    return this.#push(value);
  }

  /** A nested message. */
  message(field: number, value: MessageWriter): this {
    this.#varint((field << 3) | WIRE_BYTES);
    this.#varint(value.#size);
    for (const chunk of value.#chunks) this.#push(chunk);
    return this;
  }

  /** Fields that are encoded already. The array is not copied. */
  encoded(fields: Uint8Array): this {
    return this.#push(fields);
  }

  /** The serialized message. */
  finish(): Uint8Array {
    const result = new Uint8Array(this.#size);
    let offset = 0;
    for (const chunk of this.#chunks) {
      result.set(chunk, offset);
      offset += chunk.length;
    }
    return result;
  }

  #push(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    return this;
  }

  #varint(value: number | bigint): void {
    // Nearly all are so small, and BigInts are slow.
    const short = SHORT_VARINTS[Number(value)];
    if (short) {
      this.#push(short);
      return;
    }
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
    this.#push(Uint8Array.from(bytes));
  }
}

/** One field of a message as it was found. */
export interface Field {
  readonly field: number;
  /** Of a varint; 0 for others. */
  readonly value: bigint;
  /** Of a length-delimited field (string, bytes, message); empty for others. A view. */
  readonly content: Uint8Array;
  /** The whole field with its key, as `MessageWriter.encoded` takes it. A view. */
  readonly bytes: Uint8Array;
}

const FIXED_SIZE: Readonly<Record<number, number>> = { [WIRE_DOUBLE]: 8, [WIRE_FLOAT]: 4 };

/**
 * The fields of a message, one level deep, in their order.
 * @throws RangeError when the bytes end within a field or have a wire type that proto3 does not
 * know
 */
export function readFields(message: Uint8Array): Field[] {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError("The message ends within a number.");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const fields: Field[] = [];
  while (at < message.length) {
    const start = at;
    const key = Number(varint());
    const wire = key & 7;
    const value = wire === WIRE_VARINT ? varint() : 0n;
    const size = wire === WIRE_VARINT ? 0 : wire === WIRE_BYTES ? Number(varint()) : FIXED_SIZE[wire];
    if (size === undefined || at + size > message.length)
      throw new RangeError(`Field ${key >> 3}: wire type ${wire} at byte ${start} of ${message.length}.`);
    const content = message.subarray(at, wire === WIRE_BYTES ? at + size : at);
    at += size;
    fields.push({ field: key >> 3, value, content, bytes: message.subarray(start, at) });
  }
  return fields;
}

/**
 * The text in a field of a message; empty when there is none.
 * @throws RangeError as `readFields`
 */
export const readText = (message: Uint8Array, field: number): string =>
  new TextDecoder().decode(readFields(message).find((one) => one.field === field)?.content);
