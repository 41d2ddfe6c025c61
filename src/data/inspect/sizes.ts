/** Sizes and shapes of the originals, and files far out of line. */

import { median } from "../../base/math/statistics.ts";
import { formatCount } from "../../base/text/format/index.ts";
import { type CheckFactory, LISTED, someNames } from "./check.ts";

/** Times fewer or more pixels than the median image: out of line. */
const OUTLIER = 16;
/**
 * Longer than wide, or wider than long, by more than this: the centered square leaves out most of
 * the picture.
 */
const ELONGATED = 2.5;

/** Begins the check. */
export const sizes: CheckFactory = ({ size }) => {
  const paths: string[] = [];
  const widths: number[] = [];
  const heights: number[] = [];
  return {
    observe({ path, width, height }) {
      paths.push(path);
      widths.push(width);
      heights.push(height);
    },
    finish() {
      const pixels = widths.map((width, i) => width * heights[i]!);
      const middle = middleOf(pixels);
      const pick = (test: (i: number) => boolean): string[] => paths.filter((_, i) => test(i));
      const small = pick((i) => pixels[i]! * OUTLIER < middle);
      const large = pick((i) => pixels[i]! > OUTLIER * middle);
      const long = pick(
        (i) => Math.max(widths[i]!, heights[i]!) > ELONGATED * Math.min(widths[i]!, heights[i]!),
      );
      const enlarged = pick((i) => Math.min(widths[i]!, heights[i]!) < size);
      const lines = [
        `${range(widths)} wide, ${range(heights)} high; commonest: ${commonest(widths, heights)}`,
      ];
      if (small.length > 0) lines.push(`far smaller than most: ${someNames(small)}`);
      if (large.length > 0) lines.push(`far larger than most: ${someNames(large)}`);
      if (enlarged.length > 0) lines.push(`smaller than ${size}×${size}: ${someNames(enlarged)}`);
      const warnings: string[] = [];
      if (long.length > 0) {
        lines.push(`much longer than wide, or the reverse: ${someNames(long)}`);
        if (long.length >= paths.length / 20)
          warnings.push(
            `${formatCount(long.length)} images are more than ${ELONGATED} times longer than wide, or the reverse: only their ` +
              `middle is used. Crop them to what matters, or leave them out.`,
          );
      }
      const data = {
        width: summary(widths),
        height: summary(heights),
        farSmaller: small.slice(0, LISTED),
        farLarger: large.slice(0, LISTED),
        elongated: long.slice(0, LISTED),
        enlarged: { count: enlarged.length, files: enlarged.slice(0, LISTED) },
      };
      return { name: "sizes", lines: paths.length > 0 ? lines : [], warnings, data };
    },
  };
};

function summary(values: readonly number[]): { min: number; median: number; max: number } | null {
  if (values.length === 0) return null;
  return { min: smallest(values), median: middleOf(values), max: largest(values) };
}

function range(values: readonly number[]): string {
  const [min, max] = [smallest(values), largest(values)];
  return min === max ? `${min}` : `${min} to ${max} (median ${middleOf(values)})`;
}

function smallest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

function commonest(widths: readonly number[], heights: readonly number[]): string {
  const counts = new Map<string, number>();
  widths.forEach((width, i) => {
    const key = `${width}×${heights[i]}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  const sorted = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3);
  return sorted.map(([key, n]) => `${key} (${formatCount(n)})`).join(", ");
}

/** The median; 0 where there are no images. */
const middleOf = (values: readonly number[]): number => median(values) ?? 0;
