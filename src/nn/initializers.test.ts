import { expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { fans, normal, ones, uniform, xavierUniform, zeros } from "./initializers.ts";
import type { Initializer } from "./scope.ts";

const SHAPE = [64, 48, 3, 3];
const draw = (initialize: Initializer): Float32Array => initialize(SHAPE, randomStream(1, "initialisers"));

/** Mean and standard deviation. */
function statistics(values: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return { mean, deviation, largest: values.reduce((max, v) => Math.max(max, Math.abs(v)), 0) };
}

it("zeros and ones are those", () => {
  expect(new Set(draw(zeros))).toEqual(new Set([0]));
  expect(new Set(draw(ones))).toEqual(new Set([1]));
  expect(draw(ones).length).toBe(64 * 48 * 9);
});

it("normal has the mean 0 and the deviation asked for, and the tails of a normal", () => {
  const values = draw(normal(0.02));
  const { mean, deviation, largest } = statistics(values);
  // 27,648 draws: five standard errors of the mean, and of the deviation.
  expect(Math.abs(mean)).toBeLessThan((5 * 0.02) / Math.sqrt(values.length));
  expect(Math.abs(deviation - 0.02)).toBeLessThan((5 * 0.02) / Math.sqrt(2 * values.length));
  expect(largest).toBeGreaterThan(3 * 0.02);
  const within = values.filter((v) => Math.abs(v) < 0.02).length / values.length;
  expect(within).toBeCloseTo(0.6827, 1);
});

it("uniform stays inside its limit and fills it", () => {
  const { mean, deviation, largest } = statistics(draw(uniform(0.5)));
  expect(largest).toBeLessThanOrEqual(0.5);
  expect(largest).toBeGreaterThan(0.499);
  expect(mean).toBeCloseTo(0, 2);
  expect(deviation).toBeCloseTo(1 / Math.sqrt(12), 2);
});

it("counts the fans of convolutions and of linear layers", () => {
  expect(fans(SHAPE)).toEqual({ fanIn: 48 * 9, fanOut: 64 * 9 });
  expect(fans([10, 3])).toEqual({ fanIn: 3, fanOut: 10 });
});

it("Xavier's limit is gain · √(6 / (fanIn + fanOut))", () => {
  const limit = Math.SQRT2 * Math.sqrt(6 / ((48 + 64) * 9));
  const { largest } = statistics(draw(xavierUniform(Math.SQRT2)));
  expect(largest).toBeLessThanOrEqual(limit);
  expect(largest).toBeGreaterThan(0.998 * limit);
});
