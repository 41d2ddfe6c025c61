import { describe, expect, it } from "vitest";
import { type AccuracyLine, summarize } from "./record.ts";

const line = (
  step: number,
  cycle: number,
  moment: AccuracyLine["moment"],
  accuracy: number,
): AccuracyLine => ({
  kind: "accuracy",
  step,
  task: 0,
  cycle,
  moment,
  accuracy,
});

describe("the summary of an online study", () => {
  const lines = [
    line(0, 0, "switch", 0.5),
    line(5, 0, "current", 0.7),
    line(10, 0, "current", 0.9),
    line(10, 1, "switch", 0.4),
    line(15, 1, "current", 0.8),
    line(20, 1, "current", 1),
  ];
  it("drops from the old task's end to the new one's beginning; the first beginning is no switch", () => {
    expect(summarize(lines).meanDrop).toBeCloseTo(0.5);
    expect(summarize(lines).finalAccuracy).toBeCloseTo(0.9);
    expect(summarize(lines).earlyAccuracy).toBeCloseTo(0.8);
  });
  it("what was carried over is the last cycle's mean minus the first's", () => {
    const { firstCycle, lastCycle, carriedOver } = summarize(lines);
    expect([firstCycle, lastCycle]).toEqual([expect.closeTo(0.8), expect.closeTo(0.9)]);
    expect(carriedOver).toBeCloseTo(0.1);
  });
  it("recovery is told by the distance from a switch, and moves no other number", () => {
    const shortly = [line(1, 0, "recovery", 0.1), line(11, 1, "recovery", 0.6), line(13, 1, "recovery", 0.7)];
    const [start, end] = [lines.slice(0, 4), lines.slice(4)];
    const summary = summarize([start[0]!, shortly[0]!, ...start.slice(1), ...shortly.slice(1), ...end]);
    expect(summary).toEqual({
      ...summarize(lines),
      recovery: [
        { iterations: 1, accuracy: 0.6, lastCycle: 0.6 },
        { iterations: 3, accuracy: 0.7, lastCycle: 0.7 },
      ],
    });
    const again = [line(20, 2, "switch", 0.4), line(21, 2, "recovery", 0.8)];
    expect(summarize([...lines, ...shortly.slice(1), ...again]).recovery[0]).toEqual({
      iterations: 1,
      accuracy: expect.closeTo(0.7),
      lastCycle: 0.8,
    });
  });
  it("says NaN where nothing was measured", () => {
    expect(summarize([]).meanDrop).toBeNaN();
    expect(summarize([]).carriedOver).toBeNaN();
  });
});
