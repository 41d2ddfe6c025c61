/**
 * The safetensors format: what goes in comes out, other programs can read it, and nothing damaged
 * passes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../base/errors.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "./safetensors.ts";

const join = (pieces: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));

/** A file from a header written by hand. */
function handmade(header: unknown, bytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const entry = (begin: number, end: number, shape: number[], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const tensor = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 3 }))
    .chain(([a, b]) =>
      fc
        .float32Array({ minLength: a * b, maxLength: a * b, noNaN: true })
        .map((data): NamedTensor => ({ shape: [a, b], data })),
    ),
  fc.uint8Array({ maxLength: 7 }).map((data): NamedTensor => ({ shape: [data.length], data })),
  fc.bigInt64Array({ maxLength: 3 }).map((data): NamedTensor => ({ shape: [data.length], data })),
);
const nothing: NamedTensor = { shape: [0, 3], data: new Float32Array(0) };
const names = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((name) => name !== "__metadata__");

describe("safetensors", () => {
  it("gives back every tensor, whatever its type, shape and name", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, tensor)), (entries) => {
        const tensors = new Map<string, NamedTensor>([
          ["__proto__", nothing],
          ['"a": {', nothing],
          ...entries,
        ]);
        const decoded = decodeSafetensors(join(encodeSafetensors(tensors, { made: "here" })), "file");
        expect(decoded.metadata).toEqual({ made: "here" });
        expect(decoded.tensors).toEqual(tensors);
      }),
    );
  });

  it("writes the bytes the format prescribes, data aligned to eight", () => {
    const file = join(encodeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, -2) }]])));
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
      a: entry(0, 8, [2]),
    });
    expect([...file.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it("does not copy the tensors to write them", () => {
    const data = new Float32Array(8).subarray(2, 6);
    const pieces = encodeSafetensors(new Map([["a", { shape: [4], data }]]));
    expect(pieces[1]!.buffer).toBe(data.buffer);
  });

  it("refuses to write a shape that does not fit", () => {
    expect(() => encodeSafetensors(new Map([["a", { shape: [3], data: new Float32Array(2) }]]))).toThrow(
      "fill [3]",
    );
  });

  it("refuses every truncation, and every byte too many", () => {
    const file = join(encodeSafetensors(new Map([["a", { shape: [2, 2], data: new Float32Array(4) }]])));
    for (let length = 0; length < file.length; length++)
      expect(() => decodeSafetensors(file.subarray(0, length), "file"), `${length} bytes`).toThrow(UserError);
    expect(() => decodeSafetensors(join([file, new Uint8Array(1)]), "file")).toThrow(
      "1 bytes belong to no tensor",
    );
  });

  it.each([
    ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), "length of a header"],
    ["no JSON", handmade("{nope"), "not JSON"],
    ["a list", handmade([]), "not a JSON object"],
    ["a type it does not know", handmade({ a: entry(0, 2, [1], "F16") }, 2), "type F16"],
    ["a type of JavaScript's", handmade({ a: entry(0, 4, [1], "toString") }, 4), "type toString"],
    ["a negative size", handmade({ a: entry(0, 4, [-1]) }, 4), "no valid shape"],
    [
      "a gap",
      handmade({ a: entry(0, 4, [1]), b: entry(8, 12, [1]) }, 12),
      "b begins at 8, where 4 was expected",
    ],
    ["an overlap", handmade({ a: entry(0, 8, [2]), b: entry(4, 12, [2]) }, 12), "b begins at 4, where 8"],
    ["a place too small for the shape", handmade({ a: entry(0, 4, [2]) }, 4), "4 bytes do not fill [2]"],
    ["no place", handmade({ a: { dtype: "F32", shape: [1] } }, 4), "no valid place"],
    [
      "a name twice",
      handmade(`{"a":${JSON.stringify(entry(0, 4, [1]))},"a":${JSON.stringify(entry(0, 4, [1]))}}`, 4),
      "a is there twice",
    ],
    ["metadata that is not text", handmade({ __metadata__: { x: 1 } }), "metadata"],
  ])("refuses %s, saying so and where", (_, file, reason) => {
    expect(() => decodeSafetensors(file, "weights.safetensors")).toThrow(UserError);
    expect(() => decodeSafetensors(file, "weights.safetensors")).toThrow(/^weights\.safetensors: /);
    expect(() => decodeSafetensors(file, "weights.safetensors")).toThrow(reason);
  });
});
