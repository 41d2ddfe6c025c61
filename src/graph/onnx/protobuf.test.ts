/**
 * The wire format against byte strings worked out by hand from the encoding guide of protocol
 * buffers, which gives several of them itself (150 as `08 96 01`, "testing" as `12 07 …`, −2 in ten
 * bytes).
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeModel } from "./model.ts";
import { MessageWriter, readFields } from "./protobuf.ts";

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("hex")
    .replaceAll(/(..)(?=.)/g, "$1 ");

describe("fields", () => {
  it.each<[string, MessageWriter, string]>([
    ["a varint of two bytes", new MessageWriter().integer(1, 150), "08 96 01"],
    ["zero", new MessageWriter().integer(1, 0), "08 00"],
    ["a negative number takes ten bytes", new MessageWriter().integer(1, -2), `08 fe ${"ff ".repeat(8)}01`],
    ["the largest int64", new MessageWriter().integer(1, 2n ** 63n - 1n), `08 ${"ff ".repeat(8)}7f`],
    ["a field number beyond 15 takes two bytes", new MessageWriter().integer(20, 1), "a0 01 01"],
    ["a string", new MessageWriter().string(2, "testing"), "12 07 74 65 73 74 69 6e 67"],
    ["UTF-8", new MessageWriter().string(1, "90°"), "0a 04 39 30 c2 b0"],
    ["an empty string", new MessageWriter().string(1, ""), "0a 00"],
    ["a float, little endian", new MessageWriter().float(2, -1.5), "15 00 00 c0 bf"],
    [
      "a message in a message",
      new MessageWriter().message(3, new MessageWriter().integer(1, 150)),
      "1a 03 08 96 01",
    ],
    ["fields in the order written", new MessageWriter().integer(2, 1).integer(1, 2), "10 01 08 02"],
  ])("%s", (_, writer, bytes) => expect(hex(writer.finish())).toBe(bytes));

  it("lengths beyond 127 are varints too", () => {
    const bytes = new MessageWriter().bytes(1, new Uint8Array(300)).finish();
    expect(hex(bytes.subarray(0, 3))).toBe("0a ac 02");
    expect(bytes.length).toBe(303);
  });

  it("any integer can be read back", () =>
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = new MessageWriter().integer(1, value).finish();
        const read = bytes
          .subarray(1)
          .reduce((sum, byte, i) => sum | (BigInt(byte & 0x7f) << BigInt(7 * i)), 0n);
        expect(BigInt.asIntN(64, read)).toBe(value);
        for (const [i, byte] of bytes.subarray(1).entries()) expect(byte >= 0x80).toBe(i < bytes.length - 2);
      }),
    ));
});

it("the smallest model, byte for byte", () => {
  const model = writeModel({
    name: "g",
    nodes: [{ type: "Relu", domain: "", name: "n", inputs: ["x"], outputs: ["y"], attributes: {} }],
    initializers: [],
    inputs: [{ name: "x", dtype: "float32", shape: [2] }],
    outputs: [{ name: "y", dtype: "float32", shape: [2] }],
    domains: {},
  });
  // ValueInfo: name, type { tensor_type { elem_type 1, shape { dim { dim_value 2 } } } }
  const info = (name: string): string => `0a 01 ${name} 12 0a 0a 08 08 01 12 04 0a 02 08 02`;
  // Node: input "x", output "y", name "n", op_type "Relu".
  const node = "0a 0f 0a 01 78 12 01 79 1a 01 6e 22 04 52 65 6c 75";
  const graph = [node, "12 01 67", `5a 0f ${info("78")}`, `62 0f ${info("79")}`].join(" ");
  const length = graph.split(" ").length.toString(16);
  const expected = [
    "08 08", // ir_version 8
    "12 0b 71 75 61 72 74 65 72 74 75 72 6e", // producer_name "quarterturn"
    "42 04 0a 00 10 11", // opset_import: domain "", version 17
    `3a ${length} ${graph}`,
  ].join(" ");
  expect(hex(model)).toBe(expected);
});

describe("reading", () => {
  const fields = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.uint8Array({ maxLength: 300 }), fc.float()),
    ),
    { maxLength: 8 },
  );
  const write = (list: readonly (readonly [number, bigint | Uint8Array | number])[]): Uint8Array => {
    const message = new MessageWriter();
    for (const [field, value] of list)
      if (typeof value === "bigint") message.integer(field, value);
      else if (typeof value === "number") message.float(field, value);
      else message.bytes(field, value);
    return message.finish();
  };

  it("finds what was written, and its bytes make the same message again", () =>
    fc.assert(
      fc.property(fields, (list) => {
        const message = write(list);
        const found = readFields(message);
        expect(found.map(({ field }) => field)).toEqual(list.map(([field]) => field));
        for (const [i, [, value]] of list.entries()) {
          expect(found[i]!.value).toBe(typeof value === "bigint" ? value : 0n);
          expect([...found[i]!.content]).toEqual(value instanceof Uint8Array ? [...value] : []);
        }
        const again = new MessageWriter();
        for (const { bytes } of found) again.encoded(bytes);
        expect([...again.finish()]).toEqual([...message]);
      }),
    ));

  it.each([
    ["within a number", [0x08, 0x96]],
    ["within a string", [0x12, 0x07, 0x74]],
    ["with a group, which proto3 has not", [0x0b]],
  ])("refuses a message that ends %s", (_, bytes) => {
    expect(() => readFields(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});
