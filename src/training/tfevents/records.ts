/**
 * The files of TensorBoard, as bytes: TFRecord framing (length and data, each with a masked
 * CRC-32C) around protocol buffers (event.proto and summary.proto of TensorBoard, Apache-2.0; field
 * numbers from there). Only what a run has to say: scalars, PNG images, where a session begins.
 */
import { MessageWriter } from "../../graph/onnx/protobuf.ts";

/** What is shown under a tag at a step. */
export type TaggedValue =
  | { readonly tag: string; readonly scalar: number }
  | {
      readonly tag: string;
      readonly png: Uint8Array;
      readonly width: number;
      readonly height: number;
    };

/** CRC-32C (Castagnoli), table-driven; polynomial 0x1EDC6F41, reflected. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** TFRecord's mask: a checksum of data that holds checksums is of little use. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One record: uint64 length, its checksum, the data, its checksum; little-endian. */
export function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}

// Fields of Event, Summary, Summary.Value, Summary.Image and SessionLog.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const VALUE = { tag: 1, simpleValue: 2, image: 4 } as const;
const IMAGE = { height: 1, width: 2, colorspace: 3, encoded: 4 } as const;
const RGB = 3;
const SESSION_START = 1;

/** @param time seconds since 1970 */
function event(time: number, step: number): MessageWriter {
  const message = new MessageWriter().double(EVENT.wallTime, time);
  // proto3 leaves zeros out.
  return step === 0 ? message : message.integer(EVENT.step, step);
}

/** What a file begins with. */
export const versionRecord = (time: number): Uint8Array =>
  frame(event(time, 0).string(EVENT.fileVersion, "brain.Event:2").finish());

/** A session begins at `step`: readers forget what earlier files say of it and later ones. */
export const startRecord = (time: number, step: number): Uint8Array =>
  frame(event(time, step).message(EVENT.sessionLog, new MessageWriter().integer(1, SESSION_START)).finish());

/** Values at a step. */
export function summaryRecord(time: number, step: number, values: readonly TaggedValue[]): Uint8Array {
  const summary = new MessageWriter();
  for (const value of values) summary.message(1, valueMessage(value));
  return frame(event(time, step).message(EVENT.summary, summary).finish());
}

function valueMessage(value: TaggedValue): MessageWriter {
  const message = new MessageWriter().string(VALUE.tag, value.tag);
  if ("scalar" in value) return message.float(VALUE.simpleValue, value.scalar);
  const image = new MessageWriter()
    .integer(IMAGE.height, value.height)
    .integer(IMAGE.width, value.width)
    .integer(IMAGE.colorspace, RGB)
    .bytes(IMAGE.encoded, value.png);
  return message.message(VALUE.image, image);
}
