/** Alarms for what is wrong from the start: at once, once an episode, and not for what is usual. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Scalars, WarningEvent } from "../../events.ts";
import { type HealthState, observeSample, observeStep, UNOBSERVED } from "./health.ts";

/** Feed steps, each with the results of both networks, from step 1 on. */
function feed(
  steps: readonly { readonly discriminator: Scalars; readonly generator: Scalars }[],
): WarningEvent[] {
  let state: HealthState = UNOBSERVED;
  const warnings: WarningEvent[] = [];
  steps.forEach((values, i) => {
    const timing = { time: 0, stepSeconds: 1, imagesPerSecond: 1, learningRate: 1 };
    const seen = observeStep(state, { kind: "step", step: i + 1, ...values, ...timing });
    state = JSON.parse(JSON.stringify(seen.state)) as HealthState;
    warnings.push(...seen.warnings);
  });
  return warnings;
}

/** Feed grids, 100 steps apart, the first at step 0. */
function feedGrids(diversities: readonly number[]): WarningEvent[] {
  let state: HealthState = UNOBSERVED;
  return diversities.flatMap((diversity, i) => {
    const seen = observeSample(state, { kind: "sample", step: 100 * i, file: "", diversity });
    state = seen.state;
    return seen.warnings;
  });
}

const losses = (discriminator: number, generator: number) => ({
  discriminator: { loss: discriminator },
  generator: { loss: generator },
});
const answers = (real: number, fake: number, loss = 2) => ({
  discriminator: { real, fake, lossReal: loss / 2 - 0.1, lossFake: loss / 2 + 0.1 },
  generator: {},
});
const names = (warnings: readonly WarningEvent[]) => warnings.map(({ name, step }) => [name, step]);

describe("a loss", () => {
  it("that explodes is an alarm at once, with its size in words; the other network's is another", () => {
    const warnings = feed([losses(2, 0.1), losses(8, -40), losses(-9e5, -3), losses(-2.1e23, 4e30)]);
    expect(names(warnings)).toEqual([
      ["discriminator-loss-exploded", 3],
      ["generator-loss-exploded", 4],
    ]);
    expect(warnings[1]!.message).toContain("4.0·10³⁰");
    expect(warnings[0]!.advice).toContain("optimizer.learningRate");
  });

  it("that was never small is one too", () => {
    expect(names(feed([losses(5e8, 0)]))).toEqual([["discriminator-loss-exploded", 1]]);
  });

  it("can do so again after it has recovered, and only then", () => {
    const calm = Array.from({ length: 30 }, () => losses(2, 1));
    const wild = [losses(3e4, 1), losses(5e3, 1), losses(3e4, 1)];
    expect(names(feed([...calm, ...wild]))).toEqual([["discriminator-loss-exploded", 31]]);
    expect(names(feed([...calm, ...wild, losses(2, 1), losses(3e4, 1)]))).toHaveLength(2);
  });

  it("of ordinary size is none, whatever it does", () => {
    const loss = fc.double({ min: -500, max: 500, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(loss, loss), { maxLength: 60 }), (all) => {
        expect(feed(all.map(([d, g]) => losses(d, g)))).toEqual([]);
      }),
    );
  });
});

describe("samples", () => {
  it("that are all alike are an alarm at the second grid; that of an untrained generator does not count", () => {
    expect(names(feedGrids([0.01, 0.01, 0.01, 0.01]))).toEqual([["samples-alike", 200]]);
    expect(feedGrids([0.01, 0.01, 0.3, 0.02, 0.3])).toEqual([]);
  });

  it("that vary a little are none", () => {
    expect(feedGrids([0.01, 0.06, 0.07, 0.06])).toEqual([]);
  });
});

describe("a discriminator", () => {
  const undecided = (count: number) => Array.from({ length: count }, () => answers(0.5005, 0.4998));

  it("that says the same of all images for long is an alarm", () => {
    expect(names(feed(undecided(500)))).toEqual([["discriminator-undecided", 200]]);
    const logistic = Array.from({ length: 200 }, () => answers(0.5, 0.5, 1.38));
    expect(names(feed(logistic))).toEqual([["discriminator-undecided", 200]]);
  });

  it("that does so for a while is none, nor one whose loss says that it is not so", () => {
    expect(feed([...undecided(199), answers(0.6, 0.4), ...undecided(199)])).toEqual([]);
    expect(feed(Array.from({ length: 500 }, () => answers(1, 1, 0.3)))).toEqual([]);
  });
});
