/**
 * From curves to what uPlot draws: one table of values over all steps, series with their bands,
 * axes in the page's colors.
 */
import uPlot from "uplot";
import { axisNumbers, type NumberFormat, shortNumber } from "../../src/base/text/format/index.ts";
import { type AxisKind, axisLook, type Extent, incrementsOf, shownExtent } from "./axis.ts";
import { axisRange, usualRange } from "./range.ts";
import { smooth } from "./smooth.ts";

/** A curve of a chart. */
export interface Line {
  readonly label: string;
  /** A CSS variable: `--tone-1`, `--run-2`. */
  readonly tone: string;
  /** Places on the horizontal axis, ascending. */
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
  /** Bounds of what a value stands for, drawn as a band. */
  readonly min?: readonly (number | null)[] | undefined;
  readonly max?: readonly (number | null)[] | undefined;
  /** Measured now and then: drawn with dots, never smoothed. */
  readonly sparse?: boolean;
  /** Set by somebody: drawn as steps, never smoothed. */
  readonly stepped?: boolean;
  /** The number that it is read as now, and what that is taken over; without it the last value. */
  readonly now?: { readonly value: number; readonly window: string } | undefined;
  /** Its whole name, where `label` is a short one. */
  readonly title?: string;
  /** Another line has its color. */
  readonly dashed?: boolean;
}

/** A level worth knowing, for example what guessing gives. */
export interface Level {
  readonly value: number;
  readonly label: string;
}

/** What a chart shows besides its lines. */
export interface ChartLook {
  /** Fixed bounds of the vertical axis; those left out follow the values. */
  readonly range?: readonly [number | undefined, number | undefined];
  readonly logarithmic?: boolean;
  /**
   * Show only the range in which nearly all values lie: the first steps of a loss would flatten all
   * that follows.
   */
  readonly robust?: boolean;
  readonly levels?: readonly Level[];
  readonly format?: NumberFormat;
}

type Values = (number | null | undefined)[];

/** Whether a line is smoothed at all: what was measured once or set by somebody is as it is. */
export const isSmoothed = (line: Pick<Line, "sparse" | "stepped">, smoothing: number): boolean =>
  smoothing > 0 && !line.sparse && !line.stepped;

/**
 * Columns for uPlot, `COLUMNS` a line: steps, then for each line its raw values (faint, when
 * smoothed), its smoothed ones, and its bounds.
 */
export function chartData(lines: readonly Line[], smoothing: number): uPlot.AlignedData {
  const tables = lines.map((line): uPlot.AlignedData => {
    const smoothed = isSmoothed(line, smoothing) ? smooth(line.values, smoothing) : line.values;
    const blank = line.steps.map(() => null);
    return [
      line.steps as number[],
      smoothed as Values,
      (isSmoothed(line, smoothing) ? line.values : blank) as Values,
      (line.min ?? blank) as Values,
      (line.max ?? blank) as Values,
    ] as uPlot.AlignedData;
  });
  if (tables.length === 0) return [[]];
  if (tables.length === 1) return tables[0]!;
  return uPlot.join(tables);
}

/** Drawn and left out, in pixels. */
const DASH = [7, 5];

/** Series and bands for the columns of `chartData`. */
function chartSeries(
  lines: readonly Line[],
  color: (tone: string, alpha?: number) => string,
): { readonly series: uPlot.Series[]; readonly bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const { tone, sparse, stepped, dashed } of lines) {
    const first = series.length;
    const invisible = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
    series.push(
      {
        stroke: color(tone),
        width: sparse ? 1.5 : 2,
        ...(dashed && { dash: DASH }),
        ...(stepped && { paths: uPlot.paths.stepped!({ align: 1 }) }),
        spanGaps: true,
        points: sparse ? { show: true, size: 6, fill: color(tone) } : { show: false },
      },
      { stroke: color(tone, 0.22), width: 1, spanGaps: true, points: { show: false } },
      invisible,
      invisible,
    );
    bands.push({ series: [first + 3, first + 2], fill: color(tone, 0.12) });
  }
  return { series, bands };
}

/** Width of a letter of a level's name, in pixels. */
const LETTER = 6.2;

/**
 * Options of a chart.
 * @param color the value of a CSS variable, with an opacity
 * @param extent the part of the axis on view, asked whenever it is drawn; undefined: where there
 * are values
 * @param along what runs along the bottom
 */
export function chartOptions(
  lines: readonly Line[],
  look: ChartLook,
  color: (tone: string, alpha?: number) => string,
  extent: () => Extent | undefined,
  along: AxisKind = "step",
): Omit<uPlot.Options, "width" | "height"> {
  const axis = { stroke: color("--muted"), ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const format = look.format ?? shortNumber;
  const [low, high] = look.range ?? [];
  return {
    ...chartSeries(lines, color),
    legend: { show: false },
    padding: [10, look.levels ? 0 : 22, 0, 0],
    scales: {
      x: { time: false, range: (_, min, max) => shownExtent(extent(), min, max) },
      y: look.logarithmic
        ? logarithmicScale(lines)
        : {
            range: (u, min, max) => {
              const [a, b] = look.robust ? usualRange(u, lines.length) : [min, max];
              return axisRange(a, b, low, high);
            },
          },
    },
    axes: [
      {
        ...axis,
        ...incrementsOf(along),
        ...{ grid: { show: false }, size: 30, space: 70 },
        values: ticks(axisLook(along).format),
      },
      {
        ...axis,
        grid: { stroke: color("--line"), width: 1 },
        size: 54,
        space: 36,
        values: look.logarithmic ? logarithmicTicks(format) : ticks(format),
      },
      // Names of levels stand beside the curves, not on them.
      ...(look.levels ? [levelAxis(look.levels, axis)] : []),
    ],
    cursor: {
      points: { size: 7, width: 2 },
      // What was dragged over is told to the page, which holds the steps on view of all charts.
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => null },
      sync: { key: "steps", scales: ["x", null], setSeries: false },
    },
  };
}

/** The names of levels, at the right edge. */
function levelAxis(levels: readonly Level[], axis: uPlot.Axis): uPlot.Axis {
  const ascending = [...levels].sort((a, b) => a.value - b.value);
  return {
    ...axis,
    ...{ scale: "y", side: 1, font: "11px system-ui, sans-serif", gap: 4, grid: { show: false } },
    size: Math.ceil(LETTER * Math.max(...levels.map(({ label }) => label.length))) + 8,
    splits: () => ascending.map(({ value }) => value),
    filter: (_, splits) => splits,
    values: (u) => ascending.map(({ value, label }) => (isOnView(u, value) ? label : "")),
  };
}

/**
 * The numbers of an axis: ticks that are close together have more digits, or they would read alike.
 */
const ticks =
  (format: NumberFormat): uPlot.Axis.DynamicValues =>
  (_, all: readonly (number | null)[], _axis, _space, spacing) => {
    const texts = axisNumbers(
      all.filter((value) => value !== null),
      spacing,
      format,
    );
    return all.map((value) => (value === null ? "" : texts.shift()!));
  };

/** Powers of ten are equally far apart; where values are 0 or less, from 1 up and from −1 down. */
function logarithmicScale(lines: readonly Line[]): uPlot.Scale {
  const positive = lines.every(({ values }) => values.every((value) => value === null || value > 0));
  const bounds = (min: number | null, max: number | null): [number, number] => {
    const [a, b] = [min ?? 1, max ?? 10];
    return positive
      ? [uPlot.rangeLog(a, b, 10, false)[0] as number, uPlot.rangeLog(a, b, 10, false)[1] as number]
      : [Math.min(a, 0), Math.max(b, 0)];
  };
  return { distr: positive ? 3 : 4, range: (_, min, max) => bounds(min, max) };
}

/** Only powers of ten have a number there; the lines between them have none. */
const logarithmicTicks =
  (format: NumberFormat): uPlot.Axis.DynamicValues =>
  (_, all: readonly (number | null)[]) =>
    all.map((value) => {
      if (value === null) return "";
      const power = Math.log10(Math.abs(value));
      return value === 0 || Math.abs(power - Math.round(power)) < 1e-9 ? format(value) : "";
    });

const isOnView = (u: uPlot, value: number): boolean => {
  const { min, max } = u.scales.y ?? {};
  return min != null && max != null && value >= min && value <= max;
};

/** The last value of a line that is one. @param end how many of its values are looked at */
export function latest(
  values: ArrayLike<number | null | undefined>,
  end: number = values.length,
): number | undefined {
  for (let i = Math.min(end, values.length) - 1; i >= 0; i--)
    if (typeof values[i] === "number") return values[i]!;
  return undefined;
}
