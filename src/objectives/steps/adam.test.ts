import { expect, it } from "vitest";
import { expectClose } from "../../../test/support/close.ts";
import { input, type Tensor } from "../../graph/index.ts";
import { evaluate } from "../../graph/testing/evaluate.ts";
import { ADAM_EPSILON, adamUpdate } from "./adam.ts";

const vector = (name: string): Tensor => input(name, [3]);

it.each([
  [0, false],
  [0.5, false],
  [0, true],
] as const)("moves as TensorFlow's Adam for some steps (beta1 %d, beta2 fed: %s)", async (beta1, fed) => {
  /** Of step t; one that changes is fed. */
  const beta2At = (t: number): number => (fed ? 0.88 + 0.02 * t : 0.9);
  const fedBeta2 = fed ? input("beta2", []) : undefined;
  const rate = 0.01;
  const state = { parameters: vector("p"), m: vector("m"), v: vector("v") };
  const gradient = vector("g");
  const learningRate = input("rate", []);
  const next = adamUpdate(state, gradient, learningRate, { beta1, beta2: fedBeta2 ?? beta2At(1) });

  let [p, m, v] = [Float32Array.of(1, -2, 0.5), new Float32Array(3), new Float32Array(3)];
  const expected = { p: [...p], m: [0, 0, 0], v: [0, 0, 0] };
  for (let t = 1; t <= 4; t++) {
    const beta2 = beta2At(t);
    const g = Float32Array.of(Math.sin(t), 1e-3 * t, 0);
    const corrected = (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    const out = await evaluate(
      { ...next },
      new Map([
        [state.parameters, p],
        [state.m, m],
        [state.v, v],
        [gradient, g],
        [learningRate, Float32Array.of(corrected)],
        ...(fedBeta2 ? [[fedBeta2, Float32Array.of(beta2)] as const] : []),
      ]),
    );
    [p, m, v] = [out.parameters, out.m, out.v].map((x) => Float32Array.from(x as Float32Array)) as [
      typeof p,
      typeof m,
      typeof v,
    ];
    for (let i = 0; i < 3; i++) {
      expected.m[i] = beta1 * expected.m[i]! + (1 - beta1) * g[i]!;
      expected.v[i] = beta2 * expected.v[i]! + (1 - beta2) * g[i]! ** 2;
      expected.p[i]! -= (corrected * expected.m[i]!) / (Math.sqrt(expected.v[i]!) + ADAM_EPSILON);
    }
  }
  expectClose(p, expected.p, { relative: 1e-6, name: "parameters" });
  expectClose(m, expected.m, { relative: 1e-6, name: "m" });
  expectClose(v, expected.v, { relative: 1e-6, name: "v" });
  // Without a gradient nothing moves: no division of 0 by 0.
  expect(p[2]).toBe(0.5);
});
