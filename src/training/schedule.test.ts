/** Learning rate, bias correction and averaging decay against their definitions. */
import { describe, expect, it } from "vitest";
import { biasCorrected, emaDecayAt, learningRateAt } from "./schedule.ts";

const config = (decay: "none" | "linear") => ({
  optimizer: { learningRate: 2e-4, beta1: 0.5, beta2: 0.999, decay },
  training: { steps: 1000, ema: 0.999, emaStart: 10 },
});

describe("schedules", () => {
  it("keep the learning rate, or bring it to 0 at the end", () => {
    expect(learningRateAt(config("none"), 999)).toBe(2e-4);
    expect(learningRateAt(config("linear"), 0)).toBe(2e-4);
    expect(learningRateAt(config("linear"), 500)).toBeCloseTo(1e-4, 12);
    expect(learningRateAt(config("linear"), 1000)).toBe(0);
    expect(learningRateAt(config("linear"), 2000)).toBe(0);
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
