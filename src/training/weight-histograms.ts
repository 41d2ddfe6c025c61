/**
 * How the weights of each layer are spread: where they lie, and whether a few stand far outside.
 * Kept beside every grid of samples, as counts in bins, so that a run can be looked at without an
 * engine. It follows from the weights alone, so that a run that goes on finds the same numbers.
 */
import type { Slot } from "../objectives/steps.ts";
import { isAffordable, isKernel, layerOf, weightsOf } from "./layer-norms.ts";

/** Bins of a histogram; odd, so that one stands around the middle of the range. */
export const BINS = 41;
const DIGITS = 4;
/**
 * Weights that are counted within a tenth of a second (4 ns each were measured, in two passes): at
 * every grid.
 */
const SMALL = 2.5e7;

/** The weights of one kernel. */
export interface WeightHistogram {
  /** The layer's name below its network: `block1/conv1`. */
  readonly layer: string;
  /** Of the kernel: [out, in], or [out, in, height, width]. */
  readonly shape: readonly number[];
  /** Finite weights counted. */
  readonly count: number;
  /** Weights that are no numbers, or infinite; absent where there are none. */
  readonly notFinite?: number;
  readonly mean: number;
  /** Standard deviation, of all of them. */
  readonly deviation: number;
  /** The range that the bins divide in equal parts. */
  readonly least: number;
  readonly greatest: number;
  /** How many weights lie in each bin, [BINS]. */
  readonly bins: readonly number[];
}

/** `samples/NNNNNNN.weights.json`. */
export interface WeightHistograms {
  readonly step: number;
  /** Layer by layer, in the order of the network. */
  readonly discriminator: readonly WeightHistogram[];
  readonly generator: readonly WeightHistogram[];
}

const short = (value: number): number => Number(value.toPrecision(DIGITS));

/**
 * Histograms of all kernels of a network.
 * @param slots where each parameter lies in `parameters`
 * @param parameters flat
 */
export function weightHistograms(slots: readonly Slot[], parameters: Float32Array): WeightHistogram[] {
  return slots.filter(isKernel).map((slot) => {
    const end = slot.offset + weightsOf(slot);
    return histogram(slot, parameters.subarray(slot.offset, end));
  });
}

function histogram({ name, shape }: Slot, weights: Float32Array): WeightHistogram {
  let [least, greatest, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const weight of weights) {
    if (!Number.isFinite(weight)) continue;
    if (weight < least) least = weight;
    if (weight > greatest) greatest = weight;
    sum += weight;
    count++;
  }
  const mean = count > 0 ? sum / count : 0;
  if (count === 0) [least, greatest] = [0, 0];
  const bins = new Array<number>(BINS).fill(0);
  // Weights that are all the same stand in the middle.
  const scale = greatest > least ? BINS / (greatest - least) : 0;
  let squares = 0;
  for (const weight of weights) {
    if (!Number.isFinite(weight)) continue;
    squares += (weight - mean) ** 2;
    const bin = scale > 0 ? Math.floor((weight - least) * scale) : (BINS - 1) / 2;
    bins[Math.min(bin, BINS - 1)]!++;
  }
  return {
    ...{ layer: layerOf(name), shape, count },
    ...(count < weights.length && { notFinite: weights.length - count }),
    mean: short(mean),
    deviation: short(Math.sqrt(count > 0 ? squares / count : 0)),
    least: short(least),
    greatest: short(greatest),
    bins,
  };
}

/**
 * Whether the histograms belong to the grid of a step: of very large networks they are left out at
 * most grids.
 * @param slots of all parameters of both networks
 * @param sampleEvery steps from grid to grid
 */
export const hasHistograms = (slots: readonly Slot[], sampleEvery: number, step: number): boolean =>
  isAffordable(slots, { small: SMALL, sampleEvery, step });
