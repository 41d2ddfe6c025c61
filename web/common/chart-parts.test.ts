/** Parts of a chart that need no browser: keys, files, scales, the axis. */
import type uPlot from "uplot";
import { describe, expect, it } from "vitest";
import { clock, shownExtent } from "./axis.ts";
import { type BrushState, brushKey } from "./brush.ts";
import { chartData, chartOptions, type Line } from "./chart.ts";
import { csvOf } from "./chart-files.ts";
import { fileName } from "./download.ts";
import { axisRange, cutValues, usualRange } from "./range.ts";
import { readLine } from "./read.ts";
import { switchedLook, switchedOn } from "./toggles.ts";

/** What a row of keys does to a chart of ten values: the last state, and what was asked for. */
function press(...keys: readonly string[]) {
  let state: BrushState = { at: undefined, anchor: undefined };
  const asked: unknown[] = [];
  for (const text of keys) {
    const shiftKey = text.startsWith("Shift+");
    const step = brushKey({ key: text.replace("Shift+", ""), shiftKey }, state, 0, 9);
    if (step) state = step.state;
    if (step?.action) asked.push(step.action);
  }
  return { ...state, asked };
}

describe("keys of a chart", () => {
  it("read value after value, and stay at the ends", () => {
    expect(press("ArrowRight")).toMatchObject({ at: 0 });
    expect(press("ArrowLeft")).toMatchObject({ at: 9 });
    expect(press("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft")).toMatchObject({ at: 0 });
    expect(press("Home", "PageDown")).toMatchObject({ at: 9 });
    expect(press("ArrowRight", "ArrowRight", "Enter")).toEqual({ at: 1, anchor: undefined, asked: ["pick"] });
  });

  it("mark a part with Shift, in either direction, and Enter shows it", () => {
    const part = press("Home", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter");
    expect(part).toEqual({ at: 4, anchor: undefined, asked: [[2, 4]] });
    expect(press("End", "Shift+ArrowLeft", "Shift+ArrowLeft", "Enter").asked).toEqual([[7, 9]]);
  });

  it("take a mark back with Escape, and then show everything", () => {
    expect(press("Home", "Shift+End", "Escape")).toEqual({ at: 9, anchor: undefined, asked: [] });
    expect(press("Home", "Shift+End", "Escape", "Escape").asked).toEqual(["all"]);
    expect(brushKey({ key: "j", shiftKey: false }, { at: 1, anchor: undefined }, 0, 9)).toBeUndefined();
  });
});

const line = (label: string, more: Partial<Line> = {}): Line => ({
  ...{ label, tone: "--tone-1", steps: [1, 2, 3], values: [1, null, 3] },
  ...more,
});

describe("the values of a chart as CSV", () => {
  it("have a row a place and a column a line, with bounds where there are some, and quotes where they are needed", () => {
    const lines = [
      line('a "b", c', { min: [0, null, 2], max: [2, null, 4] }),
      line("short", { title: "the whole name", steps: [2, 4], values: [7, 8] }),
    ];
    expect(csvOf(lines, "step").split("\r\n")).toEqual([
      'step,"a ""b"", c","a ""b"", c (least)","a ""b"", c (greatest)",the whole name',
      "1,1,0,2,",
      "2,,,,7",
      "3,3,2,4,",
      "4,,,,8",
      "",
    ]);
    expect(csvOf([line("a")], "time")).toMatch(/^seconds,a\r\n/);
  });

  it("are in a file with a name that every system takes", () => {
    expect(fileName("Real or fake?", "csv")).toBe("real-or-fake.csv");
  });
});

describe("what is switched at a chart", () => {
  it("is its own choice turned round; a logarithmic scale has no fixed bounds and leaves nothing out", () => {
    const look = { robust: true, range: [0, 1] as const };
    expect([...switchedOn(look, [])]).toEqual(["clip"]);
    expect([...switchedOn(look, ["clip", "large"])]).toEqual(["large"]);
    expect(switchedLook(look, switchedOn(look, []))).toMatchObject({ robust: true, range: [0, 1] });
    const logarithmic = switchedLook(look, switchedOn(look, ["log"]));
    expect(logarithmic).toEqual({ robust: false, logarithmic: true });
  });
});

describe("a line", () => {
  it("is worth its number now, or the value at the cursor, with the smoothed one beside it", () => {
    const one = line("a", { values: [1, 2, 4], now: { value: 2.5, window: "mean" } });
    const at = (cursor: number | null, smoothing: number) =>
      readLine(one, 0, chartData([one], smoothing), { smoothing, cursor, format: String });
    expect(at(null, 0)).toEqual({ value: "2.5", smoothed: undefined });
    expect(at(1, 0)).toEqual({ value: "2", smoothed: undefined });
    expect(at(0, 0.5)).toEqual({ value: "1", smoothed: "~1" });
    expect(Number(at(2, 0.5).smoothed!.slice(1))).toBeGreaterThan(2);
  });
});

describe("an axis of times", () => {
  it("has words for seconds to days", () => {
    expect([0, 59, 60, 90, 3600, 5400, 90_000].map(clock)).toEqual([
      ...["0 s", "59 s", "1 min", "1 min 30 s", "1 h", "1 h 30 min", "1 d 1 h"],
    ]);
  });

  it("is never without an extent", () => {
    expect(shownExtent(undefined, 5, 5)).toEqual([4, 6]);
    expect(shownExtent([2, 9], 0, 100)).toEqual([2, 9]);
  });
});

describe("a chart as uPlot draws it", () => {
  const options = (look: Parameters<typeof chartOptions>[1], extent?: readonly [number, number]) =>
    chartOptions(
      [line("a")],
      look,
      (tone) => tone,
      () => extent,
    );
  /** What there is of a chart before it is drawn. */
  const undrawn = (data: unknown, y: object): uPlot =>
    ({ data, series: [{}], scales: { y }, valToPos: (value: number) => 10 * value }) as unknown as uPlot;

  it("has the names of levels on an axis at the right, not over the curves, and none of those out of view", () => {
    const levels = [
      { value: 0.5, label: "undecided" },
      { value: 0.25, label: "guessing" },
    ];
    const [, left, right] = options({ levels }).axes!;
    expect([left!.side, right!.side, right!.scale]).toEqual([undefined, 1, "y"]);
    // As wide as its longest name, so that none reaches back over the curves.
    expect(right!.size).toBeGreaterThan("undecided".length * 6);
    const named = (min: number, max: number) =>
      (right!.values as uPlot.Axis.DynamicValues)(undrawn([[]], { min, max }), [0.25, 0.5], 2, 0, 0);
    expect((right!.splits as () => number[])()).toEqual([0.25, 0.5]);
    expect([named(0, 1), named(0.3, 1)]).toEqual([
      ["guessing", "undecided"],
      ["", "undecided"],
    ]);
    expect(options({}).axes).toHaveLength(2);
  });

  it("shows the steps of the whole run, though it has a single measurement", () => {
    const range = options({}, [0, 600]).scales!.x!.range as uPlot.Range.Function;
    expect(range(undrawn([[300]], {}), 300, 300, "x")).toEqual([0, 600]);
  });

  it("leaves out the outermost values of a loss, and marks where they are", () => {
    const values = Array.from({ length: 200 }, (_, i) => (i === 0 ? 90 : i === 120 ? -70 : 1 + (i % 2) / 10));
    const loss = line("loss", { steps: values.map((_, i) => i), values });
    const data = chartData([loss], 0);
    const [min, max] = axisRange(...usualRange(undrawn(data, {}), 1));
    expect([min > 0.9, max < 1.2]).toEqual([true, true]);
    expect(cutValues(undrawn(data, { min, max }), [loss])).toEqual([
      { step: 0, above: true, tone: "--tone-1" },
      { step: 120, above: false, tone: "--tone-1" },
    ]);
    // Of many close together one mark is enough.
    const many = chartData([line("m", { steps: [0, 0.1, 0.2, 5], values: [9, 9, 9, 9] })], 0);
    expect(cutValues(undrawn(many, { min: 0, max: 1 }), [loss]).map(({ step }) => step)).toEqual([0, 5]);
  });
});
