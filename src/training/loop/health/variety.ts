/**
 * How varied a grid of images is, apart from where the figure stands and how large it is. A
 * generator that has collapsed to one figure in one palette can still draw it at many sizes, and
 * its pixels then spread as far as those of real images do. Here every figure is cut out of its
 * background and resized to one size first, and directions are counted instead of distances.
 *
 * Plain arithmetic on pixels, so that a browser and Node get the same numbers and nothing need be
 * downloaded.
 */
import { type Cutout, cutOut, SIDE } from "../../sampling/cutout.ts";

/** What a grid of images shows, beside a grid of real ones: 1 is as varied as they are. */
export interface Variety {
  /**
   * Independent ways in which figures differ once they are of one size, over that number for real
   * images.
   */
  readonly figures: number;
  /** Different palettes, over that number for real images. */
  readonly palettes: number;
}

/** Cells of an image of edges along one side, and directions in each. */
const CELLS = 4;
const DIRECTIONS = 4;
/** Bins of a palette: red against green, yellow against blue, brightness. */
const HUES = 5;
const LEVELS = 3;

/** Vectors that describe N images, N rows each. */
interface Described {
  readonly colors: readonly Float64Array[];
  readonly edges: readonly Float64Array[];
  readonly palettes: readonly Float64Array[];
}

/** Compares grids with the same real images. */
export interface VarietyMeter {
  /** @param images uint8 [N, S, S, 3], N ≥ 2 */
  of(images: Uint8Array): Variety;
}

/**
 * A meter for images of `side` pixels.
 * @param reals uint8 [M, S, S, 3], M ≥ 2; as many of them are compared with as there are images in
 * the grid
 */
export function varietyMeter(reals: Uint8Array, side: number): VarietyMeter {
  const real = describe(reals, side);
  return {
    of(images) {
      const made = describe(images, side);
      const count = Math.min(made.colors.length, real.colors.length);
      const ratio = (of: (described: Described) => number): number => {
        const [a, b] = [of(first(made, count)), of(first(real, count))];
        // Real images that are all the same leave nothing to fall short of.
        return b > 0 ? a / b : 1;
      };
      const reach = meanSquaredDistance(first(real, count).palettes) / 4;
      return {
        figures: Math.sqrt(
          ratio(({ colors }) => directions(colors)) * ratio(({ edges }) => directions(edges)),
        ),
        palettes: ratio(({ palettes }) => (reach > 0 ? distinct(palettes, reach) : 0)),
      };
    },
  };
}

const first = ({ colors, edges, palettes }: Described, count: number): Described => ({
  colors: colors.slice(0, count),
  edges: edges.slice(0, count),
  palettes: palettes.slice(0, count),
});

function describe(images: Uint8Array, side: number): Described {
  const bytes = side * side * 3;
  const cutouts = Array.from({ length: images.length / bytes }, (_, i) =>
    cutOut(images.subarray(i * bytes, (i + 1) * bytes), side),
  );
  return { colors: cutouts.map(colorsOf), edges: cutouts.map(edgesOf), palettes: cutouts.map(paletteOf) };
}

/** The figure in 8 × 8 patches of color, [192], 0…1. */
function colorsOf({ figure }: Cutout): Float64Array {
  const half = SIDE / 2;
  const out = new Float64Array(half * half * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      for (let c = 0; c < 3; c++)
        out[((y >> 1) * half + (x >> 1)) * 3 + c]! += figure[(y * SIDE + x) * 3 + c]! / (4 * 255);
  return out;
}

/**
 * Strength of the figure's edges by place and direction, [64], of length 1 (histograms of oriented
 * gradients).
 */
function edgesOf({ figure }: Cutout): Float64Array {
  const gray = Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    return (figure[3 * i]! + figure[3 * i + 1]! + figure[3 * i + 2]!) / (3 * 255);
  });
  const out = new Float64Array(CELLS * CELLS * DIRECTIONS);
  for (let y = 1; y < SIDE - 1; y++)
    for (let x = 1; x < SIDE - 1; x++) {
      const dx = gray[y * SIDE + x + 1]! - gray[y * SIDE + x - 1]!;
      const dy = gray[(y + 1) * SIDE + x]! - gray[(y - 1) * SIDE + x]!;
      const turn = (Math.atan2(dy, dx) / Math.PI + 1) % 1;
      const direction = Math.min(DIRECTIONS - 1, Math.floor(turn * DIRECTIONS));
      const cell = Math.floor((y * CELLS) / SIDE) * CELLS + Math.floor((x * CELLS) / SIDE);
      out[cell * DIRECTIONS + direction]! += Math.hypot(dx, dy);
    }
  return unit(out.map(Math.sqrt));
}

/**
 * Which colors the figure is made of, [75], roots of shares: the distance of two is Hellinger's.
 */
function paletteOf({ pixels, weights }: Cutout): Float64Array {
  const out = new Float64Array(HUES * HUES * LEVELS);
  const bin = (value: number, bins: number): number =>
    Math.max(0, Math.min(bins - 1, Math.floor(value * bins)));
  for (let i = 0; i < weights.length; i++) {
    const [r, g, b] = [pixels[3 * i]! / 255, pixels[3 * i + 1]! / 255, pixels[3 * i + 2]! / 255];
    const redGreen = bin(r - g + 0.5, HUES);
    const yellowBlue = bin((r + g) / 2 - b + 0.5, HUES);
    out[(redGreen * HUES + yellowBlue) * LEVELS + bin((r + g + b) / 3, LEVELS)]! += weights[i]!;
  }
  return unit(out.map(Math.sqrt));
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length > 1e-9 ? vector.map((value) => value / length) : vector;
}

/** Scalar products of all pairs of rows. */
function products(rows: readonly Float64Array[]): Float64Array[] {
  const n = rows.length;
  const out = rows.map(() => new Float64Array(n));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let total = 0;
      const [a, b] = [rows[i]!, rows[j]!];
      for (let k = 0; k < a.length; k++) total += a[k]! * b[k]!;
      out[i]![j] = total;
      out[j]![i] = total;
    }
  return out;
}

/**
 * Number of independent directions in which rows differ: with λ the variances along the principal
 * axes, (Σ λ)² / Σ λ². 1 where they lie on a line, 0 where they are all the same. Both sums are
 * those of the centered products of the rows, so no axis need be found.
 */
function directions(rows: readonly Float64Array[]): number {
  const mean = rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
  const centered = rows.map((row) => row.map((value, k) => value - mean[k]!));
  const gram = products(centered);
  const trace = gram.reduce((sum, row, i) => sum + row[i]!, 0);
  const squares = gram.reduce((sum, row) => sum + row.reduce((total, value) => total + value * value, 0), 0);
  return squares > 1e-12 ? (trace * trace) / squares : 0;
}

/**
 * Number of different rows: with the likeness k = exp(−d² / 2r²) of every pair, n² / Σ k² (the
 * Vendi score of order 2, Pasarkar and Dieng 2023). 1 where all are the same, n where none is near
 * another.
 * @param reach r²
 */
function distinct(rows: readonly Float64Array[], reach: number): number {
  let likeness = 0;
  eachDistance(rows, (squared) => {
    likeness += Math.exp(-squared / reach);
  });
  return rows.length ** 2 / (rows.length + 2 * likeness);
}

function meanSquaredDistance(rows: readonly Float64Array[]): number {
  let [sum, pairs] = [0, 0];
  eachDistance(rows, (squared) => {
    sum += squared;
    pairs++;
  });
  return pairs > 0 ? sum / pairs : 0;
}

function eachDistance(rows: readonly Float64Array[], take: (squared: number) => void): void {
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < i; j++) {
      let squared = 0;
      const [a, b] = [rows[i]!, rows[j]!];
      for (let k = 0; k < a.length; k++) squared += (a[k]! - b[k]!) ** 2;
      take(squared);
    }
}
