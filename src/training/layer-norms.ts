/**
 * How strongly each layer of a network stretches what goes through it: the spectral norm of its kernel, seen as a
 * matrix [out, in · kh · kw]. With spectral normalization it is what the kernel is divided by.
 * It follows from the weights alone, so that a run that goes on finds the same numbers.
 */
import type { Slot } from "../objectives/steps.ts";
import { spectralNorm } from "./spectral-norm.ts";

const DIGITS = 4;
/** Norms may take this share of the time from grid to grid. */
const SHARE = 0.01;
/** What takes no more milliseconds than this is never left out. */
const NOTHING = 100;

/** Norms by the layer's name below its network: `block1/conv1`. */
export type LayerNorms = Readonly<Record<string, number>>;

/** The name of the layer that a parameter belongs to, without the network: `discriminator/block1/conv1/kernel` → `block1/conv1`. */
export const layerOf = (parameter: string): string => parameter.split("/").slice(1, -1).join("/");

/** Whether a parameter is a kernel. */
export const isKernel = ({ name, shape }: Pick<Slot, "name" | "shape">): boolean =>
  name.endsWith("/kernel") && shape.length > 1;

/**
 * Spectral norms of all kernels of a network.
 * @param slots where each parameter lies in `parameters`
 * @param parameters flat
 * @returns norms of four digits; none for a kernel that is not finite
 */
export function spectralNorms(slots: readonly Slot[], parameters: Float32Array): LayerNorms {
  const norms: Record<string, number> = {};
  for (const slot of slots.filter(isKernel)) {
    const [rows = 1, ...rest] = slot.shape;
    const columns = rest.reduce((a, b) => a * b, 1);
    const kernel = parameters.subarray(slot.offset, slot.offset + rows * columns);
    const norm = spectralNorm(kernel, rows, columns);
    if (Number.isFinite(norm)) norms[layerOf(slot.name)] = Number(norm.toPrecision(DIGITS));
  }
  return norms;
}

/** Norms at grids of a run, as often as they cost next to nothing. */
export interface NormMeter {
  /**
   * The norms now.
   * @param read gives what `spectralNorms` takes
   * @returns undefined at a grid that has to do without
   */
  at(
    read: () => Promise<readonly [slots: readonly Slot[], parameters: Float32Array]>,
  ): Promise<LayerNorms | undefined>;
}

/**
 * Large networks on a fast device come to their next grid soon, and their norms would hold up the training each time: they are
 * left out at grids until what the last ones took is a hundredth of the time since.
 * @param now the time in milliseconds
 */
export function createNormMeter(now: () => number = () => performance.now()): NormMeter {
  let cost = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    async at(read) {
      const began = now();
      if (cost > NOTHING && began - last < cost / SHARE) return undefined;
      const norms = spectralNorms(...(await read()));
      last = now();
      cost = last - began;
      return norms;
    },
  };
}
