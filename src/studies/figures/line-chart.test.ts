import sharp from "sharp";
import { expect, it } from "vitest";
import { type LineChart, lineChartsSvg } from "./line-chart.ts";
import { svgToPng } from "./png.ts";

const chart: LineChart = {
  title: "A < B & C",
  x: { label: "step", domain: [0, 10] },
  y: { label: "value", domain: [0, 1] },
  series: [
    {
      name: "one",
      points: [
        [0, 0],
        [5, Number.NaN],
        [10, 1],
      ],
    },
    {
      name: "two",
      points: [
        [0, 1],
        [10, 0],
      ],
      dashed: true,
    },
  ],
  baseline: { value: 0.5, label: "chance" },
};

it("text is escaped, a missing value leaves a gap, corners are where the data is", () => {
  const svg = lineChartsSvg([chart], { width: 640, height: 380 });
  expect(svg).toContain("A &lt; B &amp; C");
  const [first, second] = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d!);
  expect(first!.match(/M/g)).toHaveLength(2);
  expect(second).toBe("M58,34L614,334");
});

it("single runs are thin, in the color of their mean, and not in the legend", () => {
  const [one, two] = chart.series;
  const svg = lineChartsSvg([{ ...chart, series: [one!, two!, { ...two!, single: true }] }]);
  const strokes = [...svg.matchAll(/<path [^>]*stroke="(#\w+)" stroke-width="([\d.]+)"/g)].map(
    ([, ...found]) => found,
  );
  expect(strokes[2]![0]).toBe(strokes[1]![0]);
  expect(strokes.map(([, width]) => Number(width))).toEqual([1.8, 1.8, 0.7]);
  expect(svg.match(/>two</g)).toHaveLength(1);
});

it("a chart without a single number still is a document", () => {
  const empty = { ...chart, y: { label: "value" }, series: [{ name: "none", points: [] }] };
  expect(lineChartsSvg([empty])).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  expect(lineChartsSvg([empty])).not.toContain("NaN");
});

it("the PNG has the size asked for and shows the text, on machines without fonts too", async () => {
  const draw = async (title: string) => {
    const png = svgToPng(lineChartsSvg([{ ...chart, title }], { width: 320, height: 200 }), 2);
    return sharp(png)
      .extract({ left: 100, top: 10, width: 400, height: 40 })
      .raw()
      .toBuffer({ resolveWithObject: true });
  };
  const [with_, without] = [await draw("A title"), await draw("")];
  expect(with_.info).toMatchObject({ width: 400, height: 40 });
  const dark = (data: Buffer): number => data.filter((value) => value < 100).length;
  expect(dark(with_.data)).toBeGreaterThan(dark(without.data) + 100);
});

it("the legend stands where the fewest curves pass, or where it is wanted", () => {
  const placeOf = (legend?: "top" | "bottom"): number => {
    const svg = lineChartsSvg([{ ...chart, ...(legend && { legend }) }], { width: 640, height: 380 });
    return Number(/<text x="\d+" y="(\d+)">one<\/text>/.exec(svg)?.[1]);
  };
  expect(placeOf()).toBeGreaterThan(190);
  expect(placeOf("bottom")).toBe(placeOf());
  expect(placeOf("top")).toBeLessThan(80);
  const falling = { ...chart.series[1]!, name: "one" };
  const low = lineChartsSvg([{ ...chart, series: [falling, { ...falling, name: "other" }] }]);
  // Left, where these two are at the top.
  expect(Number(/<text x="(\d+)" y="\d+">one<\/text>/.exec(low)?.[1])).toBeLessThan(320);
});
