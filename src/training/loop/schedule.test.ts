/** Learning rate, bias correction and averaging decay against their definitions. */
import { describe, expect, it } from "vitest";
import {
  beta2At,
  biasCorrected,
  type Decay,
  emaDecayAt,
  learningRatesAt,
  type ScheduleConfig,
  weightsAt,
} from "./schedule.ts";

const config = (
  decay: Decay,
  optimizer: Partial<ScheduleConfig["optimizer"]> = {},
  objective: Partial<ScheduleConfig["objective"]> = {},
): ScheduleConfig => ({
  optimizer: {
    learningRate: 2e-4,
    discriminatorLearningRate: null,
    beta1: 0.5,
    beta2: 0.999,
    decay,
    decayStart: 0,
    decayRate: 0.5,
    decayEvery: 100,
    ...optimizer,
  },
  objective: { alpha: 0.2, alphaEnd: null, beta: 1, betaEnd: null, lambda: 10, ...objective },
  training: { steps: 1000, batchSize: 64, ema: 0.999, emaStart: 10 },
});
const rateAt = (...[settings, step]: Parameters<typeof learningRatesAt>): number =>
  learningRatesAt(settings, step).generator;

describe("schedules", () => {
  it("keep the learning rate, or bring it to 0 at the end", () => {
    expect(rateAt(config("none"), 999)).toBe(2e-4);
    expect(rateAt(config("linear"), 0)).toBe(2e-4);
    expect(rateAt(config("linear"), 500)).toBeCloseTo(1e-4, 12);
    expect(rateAt(config("linear"), 1000)).toBe(0);
    expect(rateAt(config("linear"), 2000)).toBe(0);
  });

  it("let it fall from a later step on", () => {
    const late = config("linear", { decayStart: 800 });
    expect([0, 800, 900, 1000].map((step) => rateAt(late, step) / 2e-4)).toEqual([
      1,
      1,
      expect.closeTo(0.5, 12),
      0,
    ]);
    expect(rateAt(config("linear", { decayStart: 5000 }), 999)).toBe(2e-4);
  });

  it("let it fall along half a cosine, to a floor", () => {
    const cosine = config("cosine", { decayFloor: 0.25 });
    const at = (step: number): number => rateAt(cosine, step) / 2e-4;
    expect(at(0)).toBe(1);
    expect(at(1000)).toBe(0.25);
    expect(at(2000)).toBe(0.25);
    expect(at(500)).toBeCloseTo(0.625, 12);
    expect(at(250)).toBeCloseTo(0.25 + 0.75 * (0.5 + Math.SQRT1_2 / 2), 12);
    expect(rateAt(config("linear", { decayFloor: 0.5 }), 500) / 2e-4).toBeCloseTo(0.75, 12);
  });

  it("lead beta2, lambda and the average's half-life to an end of their own, along half a cosine", () => {
    const plain = config("none", { beta2: 0.9, beta2End: 0.99 }, { lambdaEnd: 1 });
    const cosine: ScheduleConfig = {
      ...plain,
      training: { ...plain.training, emaHalfLife: 64, curve: "cosine" },
    };
    expect(beta2At(plain, 333)).toBeCloseTo(0.93, 12);
    // Half a cosine is at a quarter after a third of its way.
    expect(beta2At(cosine, 333)).toBeCloseTo(0.9225, 12);
    expect(weightsAt(cosine, 333).lambda).toBeCloseTo(7.75, 12);
    expect([0, 999, 1500].map((step) => beta2At(cosine, step))).toEqual([0.9, 0.99, 0.99]);
    // A copy at first; then what halves in 16,000, and in 64,000 images, of 64 a step.
    const decays = [9, 333, 999].map((step) => emaDecayAt(cosine, step));
    expect(decays[0]).toBe(0);
    expect(decays[1]! ** 250).toBeCloseTo(0.5, 9);
    expect(decays[2]! ** 1000).toBeCloseTo(0.5, 9);
    expect(emaDecayAt({ training: { ...cosine.training, emaStart: 0 } }, 0)).toBe(0);
  });

  it("multiply it every so many steps, smoothly or at once", () => {
    const relative = (decay: Decay, step: number): number =>
      rateAt(config(decay, { decayStart: 50 }), step) / 2e-4;
    expect([0, 50, 149, 150, 349, 350].map((step) => relative("staircase", step))).toEqual([
      1, 1, 1, 0.5, 0.25, 0.125,
    ]);
    expect(relative("exponential", 50)).toBe(1);
    expect(relative("exponential", 100)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(relative("exponential", 250)).toBeCloseTo(0.25, 12);
  });

  it("give the discriminator a rate of its own, under the same decay", () => {
    const rates = learningRatesAt(config("linear", { discriminatorLearningRate: 4e-4 }), 500);
    expect(rates.discriminator).toBeCloseTo(2e-4, 12);
    expect(rates.generator).toBeCloseTo(1e-4, 12);
    expect(learningRatesAt(config("none"), 5).discriminator).toBe(2e-4);
  });

  it("keep the weights of the losses, or lead them in a line to their last value", () => {
    expect(weightsAt(config("none"), 700)).toEqual({ alpha: 0.2, beta: 1, lambda: 10 });
    const annealed = config("none", {}, { alphaEnd: 0, betaEnd: 3 });
    expect(weightsAt(annealed, 0)).toEqual({ alpha: 0.2, beta: 1, lambda: 10 });
    expect(weightsAt(annealed, 999)).toEqual({ alpha: 0, beta: 3, lambda: 10 });
    expect(weightsAt(annealed, 1500).alpha).toBe(0);
    const middle = weightsAt(annealed, 333);
    expect(middle.alpha).toBeCloseTo((0.2 * 2) / 3, 12);
    expect(middle.beta).toBeCloseTo(1 + 2 / 3, 12);
  });

  it("correct Adam's bias: with constant gradients the first and every step is the learning rate", () => {
    const gradient = 0.3;
    let [m, v] = [0, 0];
    for (let t = 1; t <= 50; t++) {
      m = 0.5 * m + 0.5 * gradient;
      v = 0.999 * v + 0.001 * gradient * gradient;
      expect((biasCorrected(2e-4, 0.5, 0.999, t) * m) / Math.sqrt(v)).toBeCloseTo(2e-4, 12);
    }
    expect(biasCorrected(2e-4, 0, 0.9, 1)).toBeCloseTo(2e-4 * Math.sqrt(0.1), 15);
    expect(() => biasCorrected(2e-4, 0, 0.9, 0)).toThrow(RangeError);
  });

  it("copy the weights before averaging starts", () => {
    expect([0, 9, 10, 11].map((step) => emaDecayAt(config("none"), step))).toEqual([0, 0, 0.999, 0.999]);
  });
});
