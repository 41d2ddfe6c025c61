/**
 * What runs along the bottom of charts: steps, images shown to the discriminator, or the time that
 * updates took.
 */
import type uPlot from "uplot";
import { formatCount, type NumberFormat, shortNumber } from "../../src/base/text/format/index.ts";

/** All of them, in the order in which they are offered. */
export const AXES = ["step", "images", "time"] as const;
export type AxisKind = (typeof AXES)[number];

/** First and last point of the axis on view: steps, images, or seconds. */
export type Extent = readonly [first: number, last: number];

/** What an axis is called, and how its places are written. */
interface AxisLook {
  readonly name: string;
  /** A place on it, in words. */
  readonly words: (at: number) => string;
  readonly format: NumberFormat;
  /** Distances between two numbers that are offered; without them uPlot's. */
  readonly increments?: number[];
}

const AXIS_LOOKS: Readonly<Record<AxisKind, AxisLook>> = {
  step: { name: "Steps", words: (at) => `step ${formatCount(at)}`, format: shortNumber },
  images: { name: "Images", words: (at) => `${formatCount(at)} images`, format: shortNumber },
  time: {
    name: "Time",
    words: (at) => clock(at),
    format: clock,
    increments: [
      1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800,
    ],
  },
};

/** The look of an axis. */
export const axisLook = (kind: AxisKind): AxisLook => AXIS_LOOKS[kind];

/** Seconds as they stand on an axis: 45 s, 12 min, 1 h 30 min, 2 d 4 h. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (big: number, name: string, rest: number, small: string): string =>
    rest === 0 ? `${big} ${name}` : `${big} ${name} ${rest} ${small}`;
  if (whole < 3600) return two(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86_400) return two(Math.floor(whole / 3600), "h", Math.floor(whole / 60) % 60, "min");
  return two(Math.floor(whole / 86_400), "d", Math.floor(whole / 3600) % 24, "h");
}

/**
 * The bounds of the axis: of values at one place only there is no extent, then a little around it.
 */
export function shownExtent(
  extent: Extent | undefined,
  min: number | null,
  max: number | null,
): [number, number] {
  const [first, last] = extent ?? [min ?? 0, max ?? 1];
  return last > first ? [first, last] : [first - 1, last + 1];
}

/** uPlot's part of it. */
export const incrementsOf = (kind: AxisKind): Pick<uPlot.Axis, "incrs"> => {
  const { increments } = axisLook(kind);
  return increments ? { incrs: increments } : {};
};
