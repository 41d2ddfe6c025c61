import { describe, expect, it } from "vitest";
import { add, input } from "../graph/index.ts";
import { ones, zeros } from "./initializers.ts";
import { linear } from "./linear.ts";
import { traceNetwork } from "./scope.ts";

describe("a scope", () => {
  it("names what it owns by the way there, in the order of first use", () => {
    const trace = traceNetwork("net", true);
    expect(trace.parameters).toEqual([]);
    trace.scope.child("block1").child("conv").parameter("kernel", [2, 3], ones);
    trace.scope.parameter("bias", [2], zeros);
    trace.scope.child("block1").buffer("u", [3], ones);
    expect(trace.scope.child("a").child("b").path).toBe("net/a/b");
    expect(trace.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ["net/block1/conv/kernel", [2, 3]],
      ["net/bias", [2]],
    ]);
    expect(trace.buffers.map(({ name }) => name)).toEqual(["net/block1/u"]);
  });

  it("gives the same tensor for the same name, so that a network may be applied twice", () => {
    const trace = traceNetwork("net", true);
    const weights = { kernel: ones, bias: () => zeros, spectralNorm: true };
    const twice = [input("a", [2, 4]), input("b", [5, 4])].map((x) =>
      linear(trace.scope.child("fc"), x, 3, weights),
    );
    expect(twice.map(({ shape }) => shape)).toEqual([
      [2, 3],
      [5, 3],
    ]);
    expect(trace.parameters.map(({ name }) => name)).toEqual(["net/fc/kernel", "net/fc/bias"]);
    expect(trace.buffers.map(({ name }) => name)).toEqual(["net/fc/u"]);
  });

  it("refuses one name for two shapes", () => {
    const { scope } = traceNetwork("net", true);
    scope.parameter("kernel", [2, 3], ones);
    expect(() => scope.parameter("kernel", [3, 2], ones)).toThrow(
      /net\/kernel is used with two shapes: \[2,3\] and \[3,2\]/,
    );
  });
});

describe("a buffer", () => {
  it("is read with its newest value while training, and begins at its leaf", () => {
    const trace = traceNetwork("net", true);
    const first = trace.scope.buffer("mean", [2], zeros);
    const next = add(first, 1);
    trace.scope.update("mean", next);
    expect(trace.scope.buffer("mean", [2], zeros)).toBe(next);
    const [owned] = trace.buffers;
    expect(owned?.leaf).toBe(first);
    expect(owned?.current).toBe(next);
  });

  it("keeps its value at inference", () => {
    const trace = traceNetwork("net", false);
    const leaf = trace.scope.buffer("mean", [2], zeros);
    trace.scope.update("mean", add(leaf, 1));
    expect(trace.buffers[0]?.current).toBe(leaf);
    expect(trace.scope.buffer("mean", [2], zeros)).toBe(leaf);
  });

  it("cannot be updated before it was asked for", () => {
    expect(() => traceNetwork("net", true).scope.update("mean", input("x", [2]))).toThrow(/updated before/);
  });
});
