/**
 * How strongly each layer of a network stretches what goes through it: the spectral norm of its
 * kernel, seen as a matrix [out, in · kh · kw]. With spectral normalization it is what the kernel
 * is divided by. It follows from the weights alone, so that a run that goes on finds the same
 * numbers.
 */
import type { Slot } from "../objectives/steps.ts";
import { spectralNorm } from "./spectral-norm.ts";

const DIGITS = 4;
/**
 * Weights of kernels whose norms take no more than a tenth of a second (35 ns each were measured):
 * at every grid.
 */
const SMALL = 2.5e6;
/** Steps between the norms of more weights than that, at least. */
const SELDOM = 2500;

/** Norms by the layer's name below its network: `block1/conv1`. */
export type LayerNorms = Readonly<Record<string, number>>;

/**
 * The name of the layer that a parameter belongs to, without the network:
 * `discriminator/block1/conv1/kernel` → `block1/conv1`.
 */
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

/**
 * Whether the norms belong to the grid of a step. Those of a large network hold up a training on a
 * fast device for a second or more: they are left out at most grids. Counted in steps and not
 * timed, as what a run records must not depend on how fast it is; a step's work grows with the
 * weights too, so the share of the time stays.
 * @param slots of all parameters of the network
 * @param sampleEvery steps from grid to grid
 */
export function hasNorms(slots: readonly Slot[], sampleEvery: number, step: number): boolean {
  return isAffordable(slots, { small: SMALL, sampleEvery, step });
}

/**
 * Whether what is taken of all weights of networks belongs to the grid of a step: always where they
 * are few, at most every 2,500 steps where they are many.
 * @param small weights that are few
 */
export function isAffordable(
  slots: readonly Slot[],
  {
    small,
    sampleEvery,
    step,
  }: { readonly small: number; readonly sampleEvery: number; readonly step: number },
): boolean {
  const weights = slots.filter(isKernel).reduce((sum, slot) => sum + weightsOf(slot), 0);
  return weights <= small || step % (sampleEvery * Math.ceil(SELDOM / sampleEvery)) === 0;
}

/** Values of a parameter. */
export const weightsOf = ({ shape }: Pick<Slot, "shape">): number => shape.reduce((a, b) => a * b, 1);
