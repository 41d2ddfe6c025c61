/** The map of features as it is drawn, and the way over it by keys. */

import type { MapPoint } from "../../../src/studies/inside/map.ts";
import type { ImageSet } from "../../../src/studies/inside/shown-images.ts";

/** A point with its place on the map, in shares of its width and height. */
export type PlacedPoint<T = MapPoint> = T & {
  readonly left: number;
  readonly top: number;
};

/** Images of which a map by neighbors (neighbors.ts) can be made; fewer have no neighborhood. */
export const MIN_ROWS = 4;

/** Room at the edges, as a share. */
const MARGIN = 0.04;

/**
 * Points on a map `aspect` times as wide as high, at one scale in both directions: distances can be
 * compared.
 */
export function placePoints<T extends Pick<MapPoint, "x" | "y">>(
  points: readonly T[],
  aspect: number,
): PlacedPoint<T>[] {
  const range = (values: readonly number[]) => {
    const [min, max] = [Math.min(...values), Math.max(...values)];
    return { middle: (min + max) / 2, width: max - min };
  };
  const x = range(points.map((point) => point.x));
  const y = range(points.map((point) => point.y));
  // Units that the height stands for.
  const height = Math.max(y.width, x.width / aspect) || 1;
  const inside = (share: number): number => 0.5 + share * (1 - 2 * MARGIN);
  return points.map((point) => ({
    ...point,
    left: inside((point.x - x.middle) / (height * aspect)),
    top: inside((y.middle - point.y) / height),
  }));
}

const STEPS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * The point that an arrow key leads to: the nearest one in that direction, what lies aside counting
 * double.
 * @returns its index; `from` where there is none, or for another key
 */
export function pointToward(points: readonly PlacedPoint<unknown>[], from: number, key: string): number {
  if (key === "Home") return 0;
  if (key === "End") return points.length - 1;
  const step = STEPS[key];
  const here = points[from];
  if (!step || !here) return from;
  const [dx, dy] = step;
  let best = from;
  let min = Number.POSITIVE_INFINITY;
  for (const [i, point] of points.entries()) {
    const [right, down] = [point.left - here.left, point.top - here.top];
    const along = right * dx + down * dy;
    if (i === from || along <= 0) continue;
    const cost = along + 2 * Math.abs(right * dy + down * dx);
    if (cost < min) {
      min = cost;
      best = i;
    }
  }
  return best;
}

/** How images are called. */
export const SET_NAMES: Readonly<Record<ImageSet, string>> = {
  real: "Real",
  averaged: "Generated, averaged",
  fake: "Generated",
};
