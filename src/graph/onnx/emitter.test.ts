/** Names given to values, and constants written once. */
import { describe, expect, it } from "vitest";
import * as g from "../operations/index.ts";
import { evaluate } from "../testing/evaluate.ts";
import { Emitter } from "./emitter.ts";

describe("publish", () => {
  it("renames what makes a value, and everything that uses it", () => {
    const emit = new Emitter("standard");
    const a = emit.op("Relu", ["x"]);
    const b = emit.op("Neg", [a]);
    emit.publish([
      [a, "first"],
      [b, "second"],
    ]);
    expect(emit.nodes.map(({ type, inputs, outputs }) => [type, inputs, outputs])).toEqual([
      ["Relu", ["x"], ["first"]],
      ["Neg", ["first"], ["second"]],
    ]);
  });

  it("copies for a second name, for an input and for a constant", () => {
    const emit = new Emitter("standard");
    const a = emit.op("Relu", ["x"]);
    const c = emit.scalar(3);
    emit.publish([
      [a, "one"],
      [a, "two"],
      ["x", "same"],
      [c, "three"],
    ]);
    expect(emit.nodes.map(({ type, inputs, outputs }) => [type, inputs, outputs])).toEqual([
      ["Relu", ["x"], ["one"]],
      ["Identity", ["one"], ["two"]],
      ["Identity", ["x"], ["same"]],
      ["Identity", [c], ["three"]],
    ]);
  });

  it("and ONNX Runtime accepts all of it", async () => {
    const x = g.input("x", [3]);
    const y = g.neg(x);
    const values = Float32Array.of(1, -2, 3);
    const r = await evaluate(
      {
        y,
        again: y,
        kept: g.stopGradient(y),
        input: x,
        inputToo: x,
        number: g.constant(7),
        numbers: g.full([2], 7),
      },
      new Map([[x, values]]),
    );
    for (const name of ["y", "again", "kept"]) expect([...r[name]!]).toEqual([-1, 2, -3]);
    for (const name of ["input", "inputToo"]) expect([...r[name]!]).toEqual([1, -2, 3]);
    expect([...r.number!, ...r.numbers!]).toEqual([7, 7, 7]);
  });
});

describe("constants", () => {
  it("equal small ones are one; other types, shapes and −0 are others", () => {
    const emit = new Emitter("standard");
    expect(emit.ints([1, 2])).toBe(emit.ints([1, 2]));
    const names = [
      emit.scalar(0),
      emit.scalar(-0),
      emit.constant("float32", [1], Float32Array.of(0)),
      emit.ints([0]),
      emit.ints([]),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(emit.initializers.length).toBe(names.length + 1);
  });
});
