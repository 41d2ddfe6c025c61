import { expect, it } from "vitest";
import { input } from "../graph/index.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLossName } from "./adversarial.ts";

/** D's and G's losses for logits [2, −1] on real images and [0.5, −2] on generated ones. */
const EXPECTED: Record<AdversarialLossName, readonly [d: number, g: number]> = { hinge: [1.75, 0.75] };

it.each(Object.keys(ADVERSARIAL_LOSSES) as AdversarialLossName[])(
  "%s has the reference's values",
  async (name) => {
    const loss = ADVERSARIAL_LOSSES[name];
    const [real, fake] = [input("real", [2, 1]), input("fake", [2, 1])];
    const values = new Map([
      [real, Float32Array.of(2, -1)],
      [fake, Float32Array.of(0.5, -2)],
    ]);
    const results = { real: loss.real(real), fake: loss.fake(fake), generator: loss.generator(fake) };
    for (const tensor of Object.values(results)) expect(tensor.shape).toEqual([]);
    const out = await evaluate(results, values);
    const [d, g] = EXPECTED[name];
    expect(Number(out.real![0]) + Number(out.fake![0])).toBeCloseTo(d, 6);
    expect(Number(out.generator![0])).toBeCloseTo(g, 6);
  },
);
