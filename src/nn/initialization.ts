/**
 * How a network's kernels begin, by the user's choice instead of the publication's. Published
 * networks are made for their published widths: N(0, 0.02²) is right for 1,152 inputs and leaves
 * next to nothing of a signal behind 16 channels, where no spectral normalization puts it right.
 * The others follow the number of inputs.
 */
import { heNormal, normal, orthogonal, xavierUniform, zeros } from "./initializers.ts";
import type { Initializer } from "./scope.ts";

/** By the names users give. */
export const INITIALIZATIONS = ["published", "normal", "xavier", "he", "orthogonal", "fixup"] as const;
export type Initialization = (typeof INITIALIZATIONS)[number];

const STDDEV = 0.02;

/**
 * Kernels that make the scales and shifts of a norm: they begin where that is a plain one, whatever
 * the others do.
 */
const OF_NORMS = /\/(gamma|beta|hidden)\/kernel$/;
const FIRST_OF_BRANCH = /\/block\d+\/conv1\/kernel$/;
const LAST_OF_BRANCH = /\/block\d+\/conv2\/kernel$/;

/**
 * What begins a parameter, by its name; undefined for all that begins as published: biases, norms,
 * and everything with `published`.
 *
 * `fixup` (Zhang et al. 2019): with L blocks of two convolutions, the first kernel of a branch is
 * He's times 1/√L and the last one 0, so that every block begins as its shortcut and L of them
 * together change their input no more than one would. Their scalar biases and multipliers are left
 * out: the networks here have biases and norms of their own.
 * @param blocks residual blocks of the network
 */
export function kernelsBegin(
  initialization: Initialization,
  blocks: number,
): (name: string) => Initializer | undefined {
  if (initialization === "published") return () => undefined;
  return (name) => {
    if (!name.endsWith("/kernel") || OF_NORMS.test(name)) return undefined;
    if (initialization !== "fixup") return PLAIN[initialization];
    if (LAST_OF_BRANCH.test(name)) return zeros;
    return FIRST_OF_BRANCH.test(name) ? scaled(heNormal, 1 / Math.sqrt(blocks)) : heNormal;
  };
}

const PLAIN = {
  normal: normal(STDDEV),
  xavier: xavierUniform(),
  he: heNormal,
  orthogonal,
} as const satisfies Record<string, Initializer>;

const scaled =
  (initialize: Initializer, factor: number): Initializer =>
  (shape, random) =>
    initialize(shape, random).map((value) => factor * value);
