import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  augmentationFor,
  gameFor,
  type PlannedValue,
  planForTime,
  resolutionForTime,
  roundNumber,
  widthForTime,
} from "./plan.ts";

const valuesOf = (
  seconds: number,
  stepSeconds: number,
  sampleSeconds = 0.5,
): Record<string, PlannedValue["value"]> =>
  Object.fromEntries(
    planForTime(seconds, { stepSeconds, sampleSeconds }, "a while").map(({ path, value }) => [path, value]),
  );

describe("a plan", () => {
  it("fills the time with steps and grids", () => {
    const plan = valuesOf(1800, 0.25);
    expect(plan["training.steps"]).toBe(7120);
    expect(plan["training.emaStart"]).toBe(142);
    expect(plan["optimizer.decayStart"]).toBe(3560);
    expect(plan["training.sampleEvery"]).toBe(200);
    expect(plan["training.checkpointEvery"]).toBe(500);
    // Half is forgotten in 3 % of the steps.
    expect(Number(plan["training.ema"]) ** (0.03 * 7120)).toBeCloseTo(0.5, 1);
  });

  it("never takes longer than it may, and wastes at most a step and the grids", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 120, max: 1e6, noNaN: true }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (seconds, stepSeconds, sampleSeconds) => {
          const steps = Number(valuesOf(seconds, stepSeconds, sampleSeconds)["training.steps"]);
          expect(steps * stepSeconds).toBeLessThanOrEqual(seconds);
          expect((steps + 1) * stepSeconds + 40 * sampleSeconds).toBeGreaterThan(seconds);
        },
      ),
    );
  });

  it("gives grids that take long a tenth of the time", () => {
    const plan = valuesOf(180, 0.05, 6);
    expect(plan["training.steps"]).toBe(3240);
    expect(plan["training.sampleEvery"]).toBe(1000);
    expect(valuesOf(180, 0.05, 600 / 10)["training.steps"]).toBe(1200);
  });

  it("refuses a time in which nothing can be seen, and says how long would do", () => {
    expect(() => valuesOf(1, 0.25)).toThrow(/time: "a while" is too short.* 0 steps/);
    expect(() => valuesOf(30, 0.25, 0)).not.toThrow();
    try {
      valuesOf(1, 0.4);
      expect.fail("was not refused");
    } catch (error) {
      expect((error as { hint?: string }).hint).toContain('time: "11m" or more');
    }
  });
});

it("the game goes by the ground, whole or not at all", () => {
  expect(gameFor(0.1)).toEqual([]);
  const values = gameFor(0.95).map(({ path, value }) => [path, value]);
  expect(Object.fromEntries(values)).toMatchObject({
    "objective.loss": "wasserstein",
    "objective.penalty": "wgan-gp",
    "discriminator.spectralNorm": false,
  });
});

it("augmentation goes by how often an image is seen", () => {
  expect(augmentationFor(300, 4000 * 64).value).toBe("colour,translation,cutout");
  expect(augmentationFor(1332, 4000 * 64)).toEqual({
    path: "training.augment",
    value: "translation,cutout",
    reason: "each of 1,332 images is shown 192 times: it would be learned by heart",
  });
  expect(augmentationFor(50_000, 4000 * 64).value).toBe("none");
});

it("64 pixels take large enough originals and time enough", () => {
  expect(resolutionForTime(3600, 0.2, 224)).toBe(64);
  expect(resolutionForTime(3600, 0.2, 40)).toBe(32);
  expect(resolutionForTime(600, 0.2, 224)).toBe(32);
});

it("networks widen only where there is time for it", () => {
  expect(widthForTime(600, 0.3)).toBe(32);
  expect(widthForTime(1.5 * 3600, 0.3)).toBe(48);
  expect(widthForTime(24 * 3600, 0.3)).toBe(64);
});

it("round numbers are 1, 2 or 5 times a power of ten, near the number", () => {
  expect([0.2, 1, 3, 4, 7, 8, 17, 180, 9.9].map(roundNumber)).toEqual([1, 1, 2, 5, 5, 10, 20, 200, 10]);
});
