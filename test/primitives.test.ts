/**
 * Values, first and second derivatives of every primitive against PyTorch
 * (test/goldens/primitives.py), for the CPU lowerings, for plain ONNX, and for the operators that
 * WebGPU has, here on the CPU (test/browser/webgpu-native.test.ts runs them on WebGPU).
 */
import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import * as g from "../src/graph/index.ts";
import { CPU, evaluate } from "../src/graph/testing/evaluate.ts";
import { expectClose } from "./support/close.ts";
import { buildCase, type Case } from "./support/primitive-cases.ts";

const { cases } = JSON.parse(readFileSync(new URL("goldens/primitives.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

const targets = [
  ["cpu", CPU],
  ["cpu without rewrites", { ...CPU, rewrites: { merge: false, simplify: false, fold: false } }],
  ["standard", g.STANDARD_TARGET],
  ["webgpu's operators", g.WEBGPU_TARGET],
] as const;

describe.each(targets)("on %s", (_, target) => {
  it.each(cases.map((c) => [c.name, c] as const))("%s", async (_name, c) => {
    const { feeds, results, expected } = buildCase(c);
    const actual = await evaluate(results, feeds, target);
    for (const [name, values] of Object.entries(expected))
      expectClose(actual[name]!, values, { relative: 2e-5, absolute: 2e-5, name: `${c.name}: ${name}` });
  });
});
