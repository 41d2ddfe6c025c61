/** Which state may be written over: never where somebody could still read the old value. */
import { describe, expect, it } from "vitest";
import { overwritable } from "./in-place.ts";
import type { OnnxNode } from "./model.ts";

const node = (type: string, inputs: string[], output: string): OnnxNode => ({
  ...{ type, domain: "", name: output, inputs, outputs: [output], attributes: {} },
});
const float = (name: string, ...shape: number[]) => ({ name, dtype: "float32" as const, shape });
const w = [float("w", 4)];

describe("a new value is written over the old one", () => {
  it("element by element", () => {
    expect(overwritable([node("Sub", ["state:w", "feed:x"], "write:w")], w, w)).toEqual(["w"]);
  });

  it("when all readers come before", () => {
    const nodes = [
      node("Slice", ["state:w"], "a"),
      node("Reshape", ["state:w"], "view"),
      node("MatMul", ["view", "a"], "b"),
      node("Concat", ["a", "b"], "write:w"),
    ];
    expect(overwritable(nodes, w, w)).toEqual(["w"]);
  });

  it("when nobody reads it", () => {
    expect(overwritable([node("Concat", ["feed:x", "feed:y"], "write:w")], w, w)).toEqual(["w"]);
    expect(overwritable([node("Neg", ["feed:x"], "write:w")], [], w)).toEqual(["w"]);
  });
});

describe("it is not", () => {
  const update = node("Sub", ["state:w", "feed:x"], "write:w");

  it("where another branch reads the old one", () => {
    expect(overwritable([update, node("ReduceSum", ["state:w"], "result:norm")], w, w)).toEqual([]);
  });

  it("where a view of the old one is read", () => {
    const nodes = [
      update,
      node("Reshape", ["state:w"], "view"),
      node("Identity", ["view"], "again"),
      node("MatMul", ["again", "feed:x"], "result:y"),
    ];
    expect(overwritable(nodes, w, w)).toEqual([]);
    // The view itself comes before, but who reads it does not.
    const through = [...nodes.slice(1), node("Sub", ["view", "feed:x"], "write:w")];
    expect(overwritable(through, w, w)).toEqual([]);
  });

  it("where other elements than its own are read", () => {
    expect(overwritable([node("Gather", ["state:w", "feed:order"], "write:w")], w, w)).toEqual([]);
    expect(overwritable([node("Sub", ["state:w", "feed:x"], "write:w")], [float("w", 1)], w)).toEqual([]);
  });

  it("where two states change places", () => {
    const both = [float("a", 4), float("b", 4)];
    const nodes = [node("Identity", ["state:a"], "write:b"), node("Identity", ["state:b"], "write:a")];
    expect(overwritable(nodes, both, both)).toEqual([]);
  });
});
