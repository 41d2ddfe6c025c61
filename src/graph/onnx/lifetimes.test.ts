/**
 * Targets of Reshape are nothing to count on, large results made in place are declared with what
 * they are made in, and nothing else changes.
 */
import { describe, expect, it } from "vitest";
import type { Shape } from "../shape.ts";
import { BLOCKED_DOMAIN } from "./emitter.ts";
import { withOwnMemory } from "./lifetimes.ts";
import type { OnnxInitializer, OnnxModel, OnnxNode } from "./model.ts";

const node = (type: string, inputs: string[], output: string, domain = ""): OnnxNode => ({
  ...{ type, domain, name: output, inputs, outputs: [output], attributes: {} },
});
const sizes = (name: string, ...values: number[]): OnnxInitializer => ({
  ...{ name, dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) },
});
const N = 2 ** 19;
const model = (nodes: OnnxNode[], initializers: OnnxInitializer[] = []): OnnxModel => ({
  ...{ name: "model", nodes, initializers, domains: {} },
  inputs: [{ name: "x", dtype: "float32", shape: [N] }],
  outputs: [{ name: "y", dtype: "float32", shape: [N] }],
});

it("makes the constant targets of Reshape inputs with defaults", () => {
  const nodes = [
    node("Reshape", ["x", "wide"], "a"),
    node("Reshape", ["a", "open"], "b"),
    node("Expand", ["b", "wide"], "c"),
    node("Reshape", ["c", "scalar"], "d"),
    node("Reshape", ["d", "made"], "e"),
    node("Reshape", ["e", "wide"], "y"),
  ];
  const constants = [sizes("wide", 2, N / 2), sizes("open", -1, N, 1), sizes("scalar")];
  const result = withOwnMemory(model(nodes, constants), new Map(), "step");
  const [wide, open] = [`step/sizes:2×${N / 2}`, `step/sizes:-1×${N}×1`] as const;
  expect(result.defaults).toEqual([sizes(wide, 2, N / 2), sizes(open, -1, N, 1)]);
  // Scalars and what is no constant stay, and so do constants that others take.
  expect(result.nodes.map(({ inputs }) => inputs[1])).toEqual([wide, open, "wide", "scalar", "made", wide]);
  expect(result.initializers).toEqual([constants[0], constants[2]]);
});

it("leaves a graph without Reshape alone", () => {
  const plain = model([node("Relu", ["x"], "y")]);
  expect(withOwnMemory(plain, new Map(), "step")).toEqual({ ...plain, defaults: [], values: [] });
});

describe("results made in place", () => {
  const shape = [2, N / 2];
  /** Names and sizes of what is declared when every value has the same shape. */
  const declared = (nodes: OnnxNode[], known: Shape = shape): Record<string, unknown> => {
    const shapes = new Map(nodes.flatMap(({ outputs }) => outputs).map((name) => [name, known]));
    const { values = [] } = withOwnMemory(model(nodes), shapes, "step");
    return Object.fromEntries(values.map(({ name, shape }) => [name, shape]));
  };

  it("share a size that no others have with what they are made in", () => {
    const chain = [
      node("Transpose", ["x"], "a"),
      node("Mul", ["a", "x"], "b"),
      node("Relu", ["b"], "c"),
      node("Transpose", ["c"], "d"),
      node("Neg", ["d"], "e"),
      node("Transpose", ["e"], "y"),
    ];
    expect(declared(chain)).toEqual({
      ...Object.fromEntries(["a", "b", "c"].map((name) => [name, ["a[0]", N / 2]])),
      ...Object.fromEntries(["d", "e"].map((name) => [name, ["d[0]", N / 2]])),
    });
    expect(declared(chain, [2, N / 4])).toEqual({});
  });

  it("are not made in inputs, for outputs, or in what others want", () => {
    expect(declared([node("Relu", ["x"], "a"), node("Transpose", ["a"], "y")])).toEqual({});
    expect(declared([node("Transpose", ["x"], "a"), node("Relu", ["a"], "y")])).toEqual({});
    const twice = [node("Transpose", ["x"], "a"), node("Relu", ["a"], "b"), node("Mul", ["a", "b"], "c")];
    expect(declared([...twice, node("Transpose", ["c"], "y")])).toEqual({
      b: ["b[0]", N / 2],
      c: ["b[0]", N / 2],
    });
  });

  it("are those of kernels that can: a convolution writes over its sum, no other operator of its domain over anything", () => {
    const first = [node("Transpose", ["x"], "a"), node("Transpose", ["x"], "b")];
    const last = node("Transpose", ["c"], "y");
    const blocked = (type: string, inputs: string[]) => node(type, inputs, "c", BLOCKED_DOMAIN);
    expect(declared([...first, blocked("Conv", ["a", "w", "", "b"]), last])).toEqual({
      b: ["b[0]", N / 2],
      c: ["b[0]", N / 2],
    });
    expect(declared([...first, blocked("Conv", ["a", "w", "b"]), last])).toEqual({});
    expect(declared([...first, node("MatMul", ["a", "b"], "c"), last])).toEqual({});
  });
});
