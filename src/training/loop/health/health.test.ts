/**
 * Warnings: given when due, once an episode, again after a recovery, and not before the training
 * has settled.
 */
import { describe, expect, it } from "vitest";
import { ROTATION } from "../../../objectives/pretext/rotation.ts";
import type { Scalars, WarningEvent } from "../../events.ts";
import { type HealthState, observeSample, observeStep, UNOBSERVED } from "./health.ts";

/** Feed phases of steps with the same values. */
function feed(phases: readonly { readonly steps: number; readonly values: Scalars }[]): WarningEvent[] {
  let state: HealthState = UNOBSERVED;
  let step = 0;
  const warnings: WarningEvent[] = [];
  for (const { steps, values } of phases)
    for (let i = 0; i < steps; i++) {
      step++;
      const timing = { time: 0, stepSeconds: 1, imagesPerSecond: 1, learningRate: 1 };
      const line = { kind: "step", step, discriminator: values, generator: {}, ...timing } as const;
      const seen = observeStep(state, line, ROTATION);
      // What a checkpoint does to the state must not matter.
      state = JSON.parse(JSON.stringify(seen.state)) as HealthState;
      warnings.push(...seen.warnings);
    }
  return warnings;
}

const rotation = (rotationAccuracyReal: number, rotationLossReal = 1.38): Scalars => ({
  rotationAccuracyReal,
  rotationLossReal,
});
const duel = (real: number, fake: number, lossReal: number, lossFake: number): Scalars => ({
  real,
  fake,
  lossReal,
  lossFake,
});

describe("rotation", () => {
  it("at chance long after the start is a warning, once, with the loss and advice", () => {
    const warnings = feed([{ steps: 3000, values: rotation(0.25) }]);
    expect(warnings.map(({ name, step }) => [name, step])).toEqual([["rotation-not-learned", 1000]]);
    expect(warnings[0]!.message).toContain("25% right");
    expect(warnings[0]!.message).toContain("1.38");
    expect(warnings[0]!.advice).toContain("objective.selfSupervision=none");
  });

  it("at chance at the start is none", () => {
    expect(
      feed([
        { steps: 600, values: rotation(0.25) },
        { steps: 2000, values: rotation(0.7) },
      ]),
    ).toEqual([]);
  });

  it("that was learned and lost is called forgotten; after recovering it can be again", () => {
    const [good, bad] = [rotation(0.8), rotation(0.25)];
    const phases = [good, bad, good, bad].map((values) => ({ steps: 2000, values }));
    const warnings = feed(phases);
    expect(warnings.length).toBe(2);
    expect(warnings[0]!.step).toBeGreaterThan(2000);
    expect(warnings[1]!.step).toBeGreaterThan(6000);
    expect(warnings[0]!.message).toContain("forgotten");
  });

  it("that hovers between the two thresholds does not warn again", () => {
    const phases = [0.25, 0.4, 0.25, 0.4, 0.25].map((value) => ({ steps: 1500, values: rotation(value) }));
    expect(feed(phases).length).toBe(1);
  });

  it("that is told nearly without error has nothing more to teach, which is said once", () => {
    const easy = [0.98, 0.95, 0.98].map((value) => ({ steps: 1500, values: rotation(value, 0.05) }));
    const warnings = feed(easy);
    expect(warnings.map(({ name, step }) => [name, step])).toEqual([["rotation-trivial", 1000]]);
    expect(warnings[0]!.message).toContain("98% right");
    expect(warnings[0]!.advice).toContain("objective.selfSupervision=jigsaw");
    const again = [0.98, 0.8, 0.98].map((value) => ({ steps: 1500, values: rotation(value, 0.05) }));
    expect(feed(again)).toHaveLength(2);
  });

  it("is not missed where there is no self-supervision", () => {
    expect(feed([{ steps: 3000, values: duel(0.6, 0.4, 0.5, 0.5) }])).toEqual([]);
  });
});

describe("the discriminator", () => {
  it("that has won is a warning: by probabilities, or by a hinge loss that is used up", () => {
    for (const values of [duel(0.99, 0.01, 0.01, 0.01), duel(0.76, 0.24, 0.01, 0.01)]) {
      const warnings = feed([{ steps: 2000, values }]);
      expect(warnings.map(({ name }) => name)).toEqual(["discriminator-saturated"]);
      expect(warnings[0]!.step).toBe(1000);
    }
  });

  it("that fights is none", () => {
    expect(feed([{ steps: 2000, values: duel(0.7, 0.3, 0.4, 0.4) }])).toEqual([]);
    // A Wasserstein critic that cannot tell: losses cancel, but so do the means.
    expect(feed([{ steps: 2000, values: duel(0.5, 0.5, -1, 1) }])).toEqual([]);
  });
});

describe("the generator", () => {
  const watch = (diversities: readonly number[], every = 500): number[] => {
    let state = UNOBSERVED;
    return diversities.flatMap((diversity, i) => {
      const seen = observeSample(state, { kind: "sample", step: i * every, file: "", diversity });
      state = seen.state;
      return seen.warnings.map((warning) => warning.step);
    });
  };

  it("that has collapsed is a warning after two grids, once an episode", () => {
    expect(watch([0.05, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1])).toEqual([2000]);
    expect(watch([0.05, 0.9, 0.1, 0.1, 0.3, 0.1, 0.1])).toEqual([1500]);
    expect(watch([0.05, 0.9, 0.1, 0.1, 0.6, 0.1, 0.1])).toEqual([1500, 3000]);
  });

  it("that is uniform at the very start, or for a single grid, is none", () => {
    expect(watch([0, 0.06, 0.07, 0.06, 0.9], 100)).toEqual([]);
    expect(watch([0, 0.9, 0.1, 0.9, 0.1, 0.9])).toEqual([]);
  });
});
