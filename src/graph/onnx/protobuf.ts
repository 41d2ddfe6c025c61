/**
 * Just enough of the protocol-buffer wire format to write ONNX: varints, length-delimited fields, little-endian floats.
 * Field numbers come from onnx.proto (ONNX project, Apache-2.0).
 */

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
const WIRE_FLOAT = 5;

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

  /** The serialised message. */
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
