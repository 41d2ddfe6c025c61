import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { describeBorder, readBorders } from "./borders.ts";
import { writeModel } from "./model.ts";

const model = writeModel({
  name: "scale",
  nodes: [{ name: "n", type: "Mul", inputs: ["z", "w"], outputs: ["images"], attributes: {}, domain: "" }],
  initializers: [{ name: "w", dtype: "float32", shape: [4], data: Float32Array.of(1, 2, 3, 4) }],
  inputs: [{ name: "z", dtype: "float32", shape: ["batch", 4] }],
  outputs: [{ name: "images", dtype: "float32", shape: ["batch", 4] }],
  domains: {},
  metadata: { name: "Übung", step: "12" },
});

describe("borders of an ONNX file", () => {
  it("are inputs, outputs and metadata", () => {
    const { inputs, outputs, metadata } = readBorders(model, "m.onnx");
    expect(inputs).toEqual([{ name: "z", dtype: "float32", shape: ["batch", 4] }]);
    expect(outputs.map(describeBorder)).toEqual(["images float32 [batch, 4]"]);
    expect(metadata).toEqual({ name: "Übung", step: "12" });
  });

  it("refuse what is cut off, wherever", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: model.length - 1 }), (length) => {
        // Cut exactly between two fields, what is left is still a message; the graph is written before the metadata.
        let read: ReturnType<typeof readBorders> | undefined;
        try {
          read = readBorders(model.subarray(0, length), "m.onnx");
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
        if (read) expect(read.outputs).toHaveLength(1);
      }),
    );
  });

  it("say what else a file is", () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13);
    expect(() => readBorders(png, "a.png")).toThrow("a.png is not an ONNX file");
    expect(() => readBorders(new TextEncoder().encode("<!doctype html>"), "x")).toThrow("not an ONNX file");
    expect(() => readBorders(new Uint8Array(0), "x")).toThrow("x is empty");
    expect(() => readBorders(model.subarray(0, model.length - 60), "m.onnx")).toThrow("cut off");
  });

  it("never throw anything but a message for people", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readBorders(bytes, "x");
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
