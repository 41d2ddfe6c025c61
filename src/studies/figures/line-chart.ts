/**
 * Line charts as SVG, for figures of studies and reports: plain markup that any browser and any
 * converter draws alike, without a document object. Scales and paths come from d3.
 */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { escapeXml } from "../../base/text/escape.ts";
import { axisNumbers, shortNumber } from "../../base/text/format/index.ts";

/** One curve of a chart. */
export interface Series {
  readonly name: string;
  /** [x, y], ascending in x; a NaN in y leaves a gap. */
  readonly points: readonly (readonly [number, number])[];
  readonly dashed?: boolean;
  /**
   * Thin, in the color of the series of the same name before it, and not in the legend: one run of
   * those it is the mean of.
   */
  readonly single?: boolean;
}

/** An axis of a chart. */
export interface Axis {
  readonly label: string;
  /** Smallest and largest value shown; those of the data, rounded outwards, if left out. */
  readonly domain?: readonly [number, number];
  /** How a tick reads; d3's own way if left out. */
  readonly format?: (value: number) => string;
}

/** A panel of curves. */
export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Values of x to mark with a thin vertical line. */
  readonly marks?: readonly number[];
  /**
   * In the corner where the fewest curves pass, of these two at most; `none` where the page names
   * them beside the chart.
   */
  readonly legend?: "top" | "bottom" | "none";
  /** A value of y with a meaning of its own, for example chance. */
  readonly baseline?: { readonly value: number; readonly label: string };
}

/** Outer size of one panel in pixels. */
export interface PanelSize {
  readonly width: number;
  readonly height: number;
}

/** Colors that people with any color vision tell apart (Okabe and Ito 2008). */
export const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

const MARGIN = { top: 34, right: 26, bottom: 46 } as const;
/** What a character of a tick takes at the most, in pixels. */
const CHARACTER = 8;
const FONT = "DejaVu Sans, Verdana, sans-serif";
const LEGEND_ROW = 18;

/** Charts beside each other as one SVG document. */
export function lineChartsSvg(
  charts: readonly LineChart[],
  size: PanelSize = { width: 640, height: 380 },
): string {
  const width = charts.length * size.width;
  const body = charts
    .map((chart, i) => `<g transform="translate(${i * size.width} 0)">${panel(chart, size)}</g>`)
    .join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${size.height}" viewBox="0 0 ${width} ${size.height}" font-family="${FONT}" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
${body}
</svg>
`;
}

function panel(chart: LineChart, { width, height }: PanelSize): string {
  const points = chart.series.flatMap((series) => series.points);
  const y = scale(
    chart.y,
    points.map(([, value]) => value),
    [height - MARGIN.bottom, MARGIN.top],
  );
  // From the left: the axis' label, the longest of its ticks, the axis.
  const longest = Math.max(...ticksOf(chart.y, y, 6).map(([, text]) => text.length));
  const left = 34 + CHARACTER * Math.max(3, longest);
  const x = scale(
    chart.x,
    points.map(([value]) => value),
    [left, width - MARGIN.right],
  );
  return [
    `<text x="${left}" y="20" font-size="14" font-weight="bold">${escapeXml(chart.title)}</text>`,
    horizontalAxis(chart.x, x, height),
    verticalAxis(chart.y, y, x),
    ...(chart.marks ?? []).map(
      (value) =>
        `<line x1="${fixed(x(value))}" x2="${fixed(x(value))}" y1="${MARGIN.top}" y2="${height - MARGIN.bottom}" stroke="#dddddd"/>`,
    ),
    chart.baseline ? baseline(chart.baseline, x, y) : "",
    ...colored(chart.series).map(([series, stroke]) => curve(series, stroke, x, y)),
    chart.legend === "none" ? "" : legend(chart, x, y),
  ].join("\n");
}

type Scale = ScaleLinear<number, number>;

function scale(axis: Axis, values: readonly number[], range: readonly [number, number]): Scale {
  const finite = values.filter(Number.isFinite);
  if (axis.domain) return scaleLinear(axis.domain, range);
  // A chart without a single number still has axes.
  const domain = finite.length > 0 ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  return scaleLinear(domain as [number, number], range).nice();
}

/** Numbers from here on are written as powers of ten, as everywhere. */
const HUGE = 1e6;

const ticksOf = (axis: Axis, s: Scale, count: number): (readonly [number, string])[] => {
  const ticks = s.ticks(count);
  if (!axis.format && ticks.some((value) => Math.abs(value) >= HUGE)) {
    const texts = axisNumbers(ticks, Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)), shortNumber);
    return ticks.map((value, i) => [value, texts[i]!] as const);
  }
  const format = axis.format ?? s.tickFormat(count);
  return ticks.map((value) => [value, format(value)] as const);
};

function horizontalAxis(axis: Axis, x: Scale, height: number): string {
  const base = height - MARGIN.bottom;
  const [left = 0, right = 0] = x.range();
  const ticks = ticksOf(axis, x, 6).map(
    ([value, text]) =>
      `<line x1="${fixed(x(value))}" x2="${fixed(x(value))}" y1="${base}" y2="${base + 5}" stroke="#444444"/>` +
      `<text x="${fixed(x(value))}" y="${base + 18}" text-anchor="middle">${escapeXml(text)}</text>`,
  );
  return [
    `<line x1="${left}" x2="${right}" y1="${base}" y2="${base}" stroke="#444444"/>`,
    ...ticks,
    `<text x="${(left + right) / 2}" y="${height - 10}" text-anchor="middle">${escapeXml(axis.label)}</text>`,
  ].join("");
}

function verticalAxis(axis: Axis, y: Scale, x: Scale): string {
  const [bottom = 0, top = 0] = y.range();
  const [left = 0, right = 0] = x.range();
  const ticks = ticksOf(axis, y, 6).map(
    ([value, text]) =>
      `<line x1="${left}" x2="${right}" y1="${fixed(y(value))}" y2="${fixed(y(value))}" stroke="#eeeeee"/>` +
      `<text x="${left - 7}" y="${fixed(y(value) + 4)}" text-anchor="end">${escapeXml(text)}</text>`,
  );
  const middle = (bottom + top) / 2;
  return [
    ...ticks,
    `<line x1="${left}" x2="${left}" y1="${bottom}" y2="${top}" stroke="#444444"/>`,
    `<text x="16" y="${middle}" text-anchor="middle" transform="rotate(-90 16 ${middle})">${escapeXml(axis.label)}</text>`,
  ].join("");
}

function baseline({ value, label }: NonNullable<LineChart["baseline"]>, x: Scale, y: Scale): string {
  const at = fixed(y(value));
  const [left = 0, right = 0] = x.range();
  return (
    `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="#888888" stroke-dasharray="2 3"/>` +
    `<text x="${right - 4}" y="${fixed(y(value) - 5)}" text-anchor="end" fill="#666666">${escapeXml(label)}</text>`
  );
}

/** Each series with its color; single runs have that of their mean. */
function colored(series: readonly Series[]): (readonly [Series, string])[] {
  const means = series.filter(({ single }) => !single);
  return series.map((one) => {
    const i = one.single ? means.findIndex(({ name }) => name === one.name) : means.indexOf(one);
    return [one, color(i)] as const;
  });
}

function curve(series: Series, stroke: string, x: Scale, y: Scale): string {
  const path = line<readonly [number, number]>()
    .defined(([, value]) => Number.isFinite(value))
    .x(([value]) => x(value))
    .y(([, value]) => y(value))
    .digits(2);
  return `<path d="${path(series.points) ?? ""}" fill="none" stroke="${stroke}" stroke-width="${series.single ? 0.7 : 1.8}"${series.single ? ' stroke-opacity="0.6"' : ""} stroke-linejoin="round"${series.dashed ? ' stroke-dasharray="6 4"' : ""}/>`;
}

/** Places along a curve that are looked at for the legend's. */
const PLACES = 40;

function legend({ series: all, legend: wanted }: LineChart, x: Scale, y: Scale): string {
  const series = all.filter(({ single }) => !single);
  if (series.length < 2) return "";
  const [leftmost = 0, right = 0] = x.range();
  const [bottom = 0, ceiling = 0] = y.range();
  const size = LEGEND_ROW * series.length + 4;
  const rowsAt = { top: ceiling + 16, bottom: bottom - 10 - LEGEND_ROW * (series.length - 1) };
  const places = (["bottom", "top"] as const)
    .filter((at) => wanted === undefined || wanted === at)
    .flatMap((at) => [right - 190, leftmost + 16].map((left) => ({ left, top: rowsAt[at] })));
  /** How much of the curves, those of single runs too, lies under the box. */
  const covered = ({ left, top }: (typeof places)[number]): number =>
    all
      .flatMap(({ points }) => placesAlong(points, PLACES))
      .filter(
        ([a, b]) => x(a) >= left - 8 && x(a) <= left + 186 && y(b) >= top - 13 && y(b) <= top - 13 + size,
      ).length;
  const { left, top } = places.reduce((best, place) => (covered(place) < covered(best) ? place : best));
  const box = `<rect x="${left - 8}" y="${top - 13}" width="194" height="${size}" fill="#ffffff" fill-opacity="0.85"/>`;
  const rows = series.map(({ name, dashed }, i) => {
    const at = top + i * LEGEND_ROW;
    return (
      `<line x1="${left}" x2="${left + 24}" y1="${at - 4}" y2="${at - 4}" stroke="${color(i)}" stroke-width="2.5"${dashed ? ' stroke-dasharray="6 4"' : ""}/>` +
      `<text x="${left + 31}" y="${at}">${escapeXml(name)}</text>`
    );
  });
  return box + rows.join("");
}

/** Points at equal distances in x along the straight lines between `points`. */
function placesAlong(
  points: readonly (readonly [number, number])[],
  count: number,
): (readonly [number, number])[] {
  const finite = points.filter(([, value]) => Number.isFinite(value));
  const [first, last] = [finite[0], finite.at(-1)];
  if (!first || !last) return [];
  const along = scaleLinear(
    finite.map(([a]) => a),
    finite.map(([, b]) => b),
  );
  return Array.from({ length: count + 1 }, (_, i) => {
    const a = first[0] + ((last[0] - first[0]) * i) / count;
    return [a, along(a)] as const;
  });
}

/** Color of the i-th curve of a chart. */
export const color = (i: number): string => COLORS[i % COLORS.length]!;
const fixed = (value: number): string => String(Math.round(value * 100) / 100);
