import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatDuration, formatStatus, type Status } from "./status.ts";

const status: Status = {
  step: 1250,
  steps: 4000,
  discriminatorLoss: 1.2345,
  generatorLoss: -0.4567,
  rotationReal: 0.714,
  rotationFake: 0.64,
  imagesPerSecond: 312.4,
  secondsLeft: 723,
  memoryBytes: 410e6,
};

describe("the status line", () => {
  it("says step, losses, rotation accuracy, speed, time left and memory", () => {
    expect(formatStatus(status)).toBe(
      "step 1,250/4,000 · D 1.234 · G -0.457 · rotation 71 % real, 64 % fake · 312 images/s · 12 min 3 s left · 410 MB",
    );
  });

  it("leaves rotation out where there is none, and shows a loss that is no number", () => {
    const plain = formatStatus({
      ...status,
      rotationReal: undefined,
      rotationFake: undefined,
      generatorLoss: Number.NaN,
    });
    expect(plain).not.toContain("rotation");
    expect(plain).toContain("G NaN");
  });

  it("never gets wider than the terminal, as long as the step fits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 200 }), (columns) => {
        const line = formatStatus(status, columns);
        expect(line.length).toBeLessThanOrEqual(columns);
        expect(line.startsWith("step 1,250/4,000")).toBe(true);
      }),
    );
  });
});

describe("numbers for people", () => {
  it.each([
    [0.0421, "42 ms"],
    [4.2, "4.2 s"],
    [59.6, "1 min"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
    [3600, "1 h"],
    [273_600, "3 d 4 h"],
    [Number.POSITIVE_INFINITY, "?"],
    [Number.NaN, "?"],
  ])("%d seconds are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it("counts and bytes", () => {
    expect([5, 999, 1000, 1_234_567].map(formatCount)).toEqual(["5", "999", "1,000", "1,234,567"]);
    expect([2000, 4.1e8, 1.24e9].map(formatBytes)).toEqual(["2 kB", "410 MB", "1.2 GB"]);
  });
});
