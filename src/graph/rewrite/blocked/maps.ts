/**
 * The book-keeping of the layout rewrite: for each old node its new form in plain layout, in
 * blocked layout, or both.
 */
import { pack, unpack } from "../../operations/blocked.ts";
import type { Tensor } from "../../tensor.ts";

/**
 * Filled from the inputs to the results; at least one of the two forms exists for every node that
 * was passed.
 */
export interface FeatureMaps {
  /** Channels in a block. */
  readonly block: number;
  /** Whether weight gradients may be direct convolutions (weight-gradient.ts). */
  readonly directWeights: boolean;
  readonly plain: Map<Tensor, Tensor>;
  readonly packed: Map<Tensor, Tensor>;
  /** How many users each old node has. */
  readonly uses: ReadonlyMap<Tensor, number>;
}

/**
 * What becomes of a node: its packed form; or `undefined`, when it stays plain. A rule may also put
 * a plain form of its own making into `maps.plain`.
 */
export type LayoutRule = (maps: FeatureMaps, node: Tensor) => Tensor | undefined;

/** The plain form, unpacked if there is only the other. */
export function plainOf(maps: FeatureMaps, node: Tensor): Tensor {
  const known = maps.plain.get(node);
  if (known) return known;
  const plain = unpack(maps.packed.get(node)!, node.shape[1]!);
  maps.plain.set(node, plain);
  return plain;
}

/** The packed form, packed if there is only the other. */
export function packedOf(maps: FeatureMaps, node: Tensor): Tensor {
  const known = maps.packed.get(node);
  if (known) return known;
  const packed = pack(maps.plain.get(node)!);
  maps.packed.set(node, packed);
  return packed;
}

/** Whether channels fill whole blocks. */
export const fillsBlocks = (maps: FeatureMaps, channels: number): boolean => channels % maps.block === 0;
