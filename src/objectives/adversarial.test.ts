import { expect, it } from "vitest";
import { input } from "../graph/index.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLossName } from "./adversarial.ts";

/** D's and G's losses for logits [2, −1] on real images and [0.5, −2] on generated ones. */
const EXPECTED: Record<AdversarialLossName, readonly [d: number, g: number]> = {
  hinge: [1.75, 0.75],
  "non-saturating": [1.2705973468921372, 1.3005024975116397],
  // The generator's is −(softplus(0.5) + softplus(−2)) / 2.
  minimax: [1.2705973468921372, -0.5505024975116397],
  wasserstein: [-1.25, 0.75],
  "least-squares": [0.23758023440650133, 0.2295851122927317],
  // (softplus(−1.5) + softplus(−1)) / 2 and (softplus(1.5) + softplus(1)) / 2.
  relativistic: [0.2573374827504876, 1.5073374827504877],
};

it.each(Object.keys(ADVERSARIAL_LOSSES) as AdversarialLossName[])(
  "%s has the reference's values",
  async (name) => {
    const loss = ADVERSARIAL_LOSSES[name];
    const [real, fake] = [input("real", [2, 1]), input("fake", [2, 1])];
    const values = new Map([
      [real, Float32Array.of(2, -1)],
      [fake, Float32Array.of(0.5, -2)],
    ]);
    const results = { ...loss.discriminator({ real, fake }), generator: loss.generator(fake, real) };
    for (const tensor of Object.values(results)) expect(tensor.shape).toEqual([]);
    const out = await evaluate(results, values);
    const [d, g] = EXPECTED[name];
    expect(Number(out.real![0]) + Number(out.fake![0])).toBeCloseTo(d, 6);
    expect(Number(out.generator![0])).toBeCloseTo(g, 6);
  },
);
