import { describe, expect, it } from "vitest";
import { constant, gradients, input, mul, sum } from "../graph/index.ts";
import { expectDerivatives } from "../graph/testing/derivatives.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { apart, Inputs, positives } from "../graph/testing/samples.ts";
import { attend, selfAttention } from "./attention.ts";
import { normal } from "./initializers.ts";
import { traceNetwork } from "./scope.ts";

const KERNELS = { kernel: normal(0.02), spectralNorm: false };

describe("self-attention", () => {
  it("has the published kernels, no biases, and begins as nothing", () => {
    const { scope, parameters } = (() => {
      const trace = traceNetwork("net", true);
      selfAttention(trace.scope.child("attention"), input("x", [2, 16, 4, 4]), KERNELS);
      return trace;
    })();
    expect(scope.path).toBe("net");
    expect(parameters.map(({ name, shape }) => `${name} [${shape}]`)).toEqual([
      "net/attention/query/kernel [2,16,1,1]",
      "net/attention/key/kernel [2,16,1,1]",
      "net/attention/value/kernel [8,16,1,1]",
      "net/attention/output/kernel [16,8,1,1]",
      "net/attention/gamma [1]",
    ]);
    expect([...parameters.at(-1)!.initialize([1], undefined as never)]).toEqual([0]);
  });

  it("normalizes its kernels as the network does", () => {
    const trace = traceNetwork("net", true);
    selfAttention(trace.scope, input("x", [2, 8, 4, 4]), { ...KERNELS, spectralNorm: true });
    expect(trace.buffers.map(({ name }) => name)).toEqual(
      ["query", "key", "value", "output"].map((name) => `net/${name}/u`),
    );
  });

  it("has a query, a key and a value in a map of four channels", () => {
    const trace = traceNetwork("net", true);
    selfAttention(trace.scope, input("x", [1, 4, 2, 2]), KERNELS);
    expect(trace.parameters.map(({ shape }) => shape[0])).toEqual([1, 1, 2, 4, 1]);
  });

  it.each([1, 2])("has the first and second derivatives of finite differences (values %d)", async (seed) => {
    const inputs = new Inputs(seed);
    // One channel whose values are far apart and keep their order: no step of a finite difference changes which of four is the largest.
    const x = inputs.tensor([2, 1, 4, 4], apart());
    const weights = Array.from({ length: 4 }, () => inputs.tensor([1, 1, 1, 1], positives));
    const variables = [x, ...weights, inputs.tensor([1])];
    await expectDerivatives(inputs, variables, (image, query, key, value, output, gamma) =>
      // Scores near 0, where no weight is all of the sum.
      attend(mul(image!, 0.3), {
        query: query!,
        key: key!,
        value: value!,
        output: output!,
        gamma: gamma!,
      }),
    );
  });

  it("gives the gradient of an even ground to one of four equal places, not to all of them", async () => {
    const x = input("x", [1, 1, 2, 2]);
    const one = constant([1], [1, 1, 1, 1]);
    const y = attend(x, { query: one, key: one, value: one, output: one, gamma: constant([1], [1]) });
    // Of four equal values there is one key and one value: y = x + value, whose sum grows by 4 for each place and 4 for the value.
    const [dx] = gradients(sum(mul(y, 1)), [x]);
    const found = await evaluate({ dx: dx! }, new Map([[x, Float32Array.of(3, 3, 3, 3)]]));
    expect([...(found.dx as Float32Array)]).toEqual([5, 1, 1, 1]);
  });
});
