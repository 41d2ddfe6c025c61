/** Compilation as a whole: borders, state, refusals, and the stages shown to an observer. */
import { describe, expect, it } from "vitest";
import { type CompileStage, compile, STANDARD_TARGET } from "./compile.ts";
import { toOnnx } from "./onnx/program.ts";
import * as g from "./operations/index.ts";
import { CPU } from "./testing/evaluate.ts";

const x = g.input("x", [2, 3]);
const state = g.input("state", [3]);

describe("compile", () => {
  it("declares feeds, reads, results and writes", () => {
    const program = compile(
      {
        name: "step",
        feeds: { x },
        reads: { mean: state },
        results: { y: g.cast(g.add(x, state), "uint8") },
        writes: { mean: g.mean(x, [0]) },
      },
      STANDARD_TARGET,
    );
    const { model, ...declared } = toOnnx(program);
    expect(model.length).toBeGreaterThan(0);
    expect(declared).toEqual({
      name: "step",
      feeds: [{ name: "x", dtype: "float32", shape: [2, 3] }],
      reads: [{ name: "mean", dtype: "float32", shape: [3] }],
      results: [{ name: "y", dtype: "uint8", shape: [2, 3] }],
      writes: [{ name: "mean", dtype: "float32", shape: [3] }],
      overwrites: [],
    });
  });

  it("refuses a result that depends on an input bound to nothing, and says where it was made", () => {
    const build = () => compile({ name: "step", feeds: { x }, results: { y: g.add(x, state) } }, CPU);
    expect(build).toThrow('step: input "state" (graph/compile.test.ts:');
    expect(build).toThrow("is bound to nothing");
  });

  it("does not mind inputs that nothing needs", () => {
    const y = g.mul(g.stopGradient(x), 1);
    const program = compile({ name: "step", feeds: { x, state }, results: { y } }, CPU);
    expect(program.feeds.map((feed) => feed.name)).toEqual(["x", "state"]);
  });

  it("gives the same bytes for the same graph, whatever was built before", () => {
    const build = () => {
      const w = g.input("w", [3, 3]);
      return toOnnx(compile({ name: "step", feeds: { x, w }, results: { y: g.tanh(g.matmul(x, w)) } }, CPU))
        .model;
    };
    const first = build();
    g.neg(x);
    // One source line for both: names of operators carry it.
    const [a, b] = [1, 2].map(build);
    expect(b).toEqual(a);
    expect(a!.length).toBe(first.length);
  });

  it("is plain data: a copy that went to another thread gives the same model", () => {
    const w = g.input("w", [3, 3]);
    const program = compile(
      { name: "step", feeds: { x, w }, results: { y: g.add(g.matmul(x, w), g.constant([1, 2, 3])) } },
      CPU,
    );
    expect(toOnnx(structuredClone(program))).toEqual(toOnnx(program));
  });

  it("shows the graph to an observer before and after the rewrites", () => {
    const seen: [CompileStage, string][] = [];
    const y = g.add(g.neg(g.neg(x)), 0);
    compile(
      { name: "step", feeds: { x }, results: { y } },
      { ...CPU, inspect: (stage, _, outputs) => seen.push([stage, outputs["result:y"]!.primitive.name]) },
    );
    expect(seen).toEqual([
      ["traced", "add"],
      ["optimized", "input"],
    ]);
  });
});
