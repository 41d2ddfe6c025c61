/** Lines of the charts of layers. */
import type { LayersAt } from "../../../src/studies/inside/layers.ts";
import type { LayerNorms } from "../../../src/training/layer-norms.ts";
import type { Line } from "../../common/chart.ts";

/** Colors before they come again, dashed. */
const TONES = 8;

/** A line for each layer, in the order of the network. */
export function layerLines(
  all: readonly { readonly step: number; readonly norms: LayerNorms | undefined }[],
): Line[] {
  const names = [...new Set(all.flatMap(({ norms }) => Object.keys(norms ?? {})))];
  return names.map((label, i) => ({
    label,
    tone: `--run-${(i % TONES) + 1}`,
    steps: all.map(({ step }) => step),
    values: all.map(({ norms }) => norms?.[label] ?? null),
    sparse: true,
    dashed: i >= TONES,
  }));
}

/**
 * Spectral norms through the run: at every grid where they were recorded, else at its checkpoints.
 */
export function normLines(
  samples: readonly { readonly step: number; readonly layerNorms?: LayerNorms }[],
  checkpoints: readonly LayersAt[] | undefined,
): Line[] {
  const recorded = samples.filter(({ layerNorms }) => layerNorms);
  return layerLines(
    recorded.length > 0
      ? recorded.map(({ step, layerNorms }) => ({ step, norms: layerNorms }))
      : (checkpoints ?? []),
  );
}

/**
 * Bars of a histogram as one path, from the left edge of the first to the right edge of the last;
 * each bar is one unit wide, the highest is `height` high.
 */
export function outlineOf(bins: readonly number[], height: number): string {
  const highest = Math.max(...bins, 1);
  const steps = bins.map((count) => `V${(height * (1 - count / highest)).toFixed(2)}h1`);
  return `M0 ${height}${steps.join("")}V${height}Z`;
}

/** A kernel in words: `64 → 128, 3 × 3`. @param shape [out, in], or [out, in, height, width] */
export function kernelText([out = 0, ...rest]: readonly number[]): string {
  const [into = 0, ...sides] = rest;
  return [`${into} → ${out}`, ...(sides.length > 0 ? [sides.join(" × ")] : [])].join(", ");
}
