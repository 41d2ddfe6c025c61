/** Large reshapes get sizes the planner does not know, and nothing else changes. */
import { expect, it } from "vitest";
import { withOwnMemory } from "./lifetimes.ts";
import type { OnnxInitialiser, OnnxModel, OnnxNode } from "./model.ts";

const node = (type: string, inputs: string[], output: string): OnnxNode => ({
  ...{ type, domain: "", name: output, inputs, outputs: [output], attributes: {} },
});
const sizes = (name: string, ...values: number[]): OnnxInitialiser => ({
  ...{ name, dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) },
});
const N = 2 ** 19;
const model = (
  nodes: OnnxNode[],
  initialisers: OnnxInitialiser[],
  dtype: "float32" | "uint8",
): OnnxModel => ({
  ...{ name: "model", nodes, initialisers, domains: {} },
  inputs: [{ name: "x", dtype, shape: [N] }],
  outputs: [{ name: "y", dtype, shape: [N] }],
});

it("names the first size of a large reshape of its own", () => {
  const nodes = [
    node("Reshape", ["x", "wide"], "a"),
    node("Transpose", ["a"], "b"),
    node("Reshape", ["b", "wide"], "c"),
    node("Reshape", ["c", "flat"], "y"),
  ];
  const { defaults, values, ...rest } = withOwnMemory(
    model(nodes, [sizes("wide", 2, N / 2), sizes("flat", N)], "float32"),
    "step",
  );
  expect(defaults).toEqual([{ ...sizes("wide", 2, N / 2), name: `step/sizes:2×${N / 2}` }]);
  expect(values).toEqual([
    { name: "a", dtype: "float32", shape: ["a[0]", N / 2] },
    { name: "c", dtype: "float32", shape: ["c[0]", N / 2] },
  ]);
  expect(rest.nodes.map(({ inputs }) => inputs[1])).toEqual([
    `step/sizes:2×${N / 2}`,
    undefined,
    `step/sizes:2×${N / 2}`,
    "flat",
  ]);
  // The border keeps its shape, and a constant that nobody takes any more is gone.
  expect(rest.initialisers.map(({ name }) => name)).toEqual(["flat"]);
});

it("leaves small tensors, sizes that follow from others and other types alone", () => {
  const nodes = (size: string) => [node("Reshape", ["x", size], "a"), node("Reshape", ["a", "flat"], "y")];
  const of = (initialiser: OnnxInitialiser, dtype: "float32" | "uint8" = "float32") =>
    withOwnMemory(model(nodes(initialiser.name), [initialiser, sizes("flat", N)], dtype), "step").defaults;
  expect(of(sizes("small", 2, N / 4))).toEqual([]);
  expect(of(sizes("open", -1, N))).toEqual([]);
  expect(of(sizes("wide", 2, N / 2), "uint8")).toEqual([]);
  expect(of(sizes("wide", 2, N / 2))).toHaveLength(1);
});
