import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatStatus, type Status } from "./status-line.ts";

const status: Status = {
  step: 1250,
  steps: 4000,
  task: "rotation",
  quantities: {
    ...{ discriminatorLoss: 1.2345, generatorLoss: -0.4567, speed: 312.4 },
    ...{ taskAccuracyReal: 0.714, taskAccuracyGenerated: 0.64 },
  },
  secondsLeft: 723,
  memoryBytes: 410e6,
};

describe("the status line", () => {
  it("says step, time left, speed, rotation accuracy, losses and memory", () => {
    expect(formatStatus(status)).toBe(
      "step 1,250/4,000 · 12 min 3 s left · 312 images/s · rotation 71% real, 64% generated · D 1.23 · G -0.457 · 410 MB",
    );
  });

  it("keeps time left, speed and rotation at 80 columns, of long runs too, and time left at 40", () => {
    const long: Status = { ...status, step: 123_456, steps: 1_000_000, secondsLeft: 3e5 };
    for (const one of [status, long]) {
      const line = formatStatus(one, 79);
      expect(line).toMatch(/ left · 312 images\/s · rotation 71%\/64%/);
      expect(formatStatus(one, 39)).toMatch(/ left$/);
    }
  });

  it("leaves rotation out where there is none, and shows a loss that is no number", () => {
    const { taskAccuracyReal: _, taskAccuracyGenerated: __, ...others } = status.quantities;
    const plain = formatStatus({ ...status, quantities: { ...others, generatorLoss: Number.NaN } });
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
