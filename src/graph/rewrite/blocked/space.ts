/**
 * Operators that work along the axes of packed maps: sums and means, resampling, joining and
 * cutting the batch.
 */
import {
  blockedAveragePool,
  blockedBilinearAdjoint,
  blockedSpatialMean,
  blockedUpsample,
} from "../../operations/blocked.ts";
import { mul, reshape, sum } from "../../operations/index.ts";
import { sameShape } from "../../shape.ts";
import { withInputs } from "../rewrite.ts";
import { type LayoutRule, packedOf } from "./maps.ts";

/**
 * Sums over space are pooling, whose result [N, C, 1, 1] is the same in both layouts; further sums,
 * over images or channels, are plain ones.
 */
export const sums: LayoutRule = (maps, node) => {
  const x = node.inputs[0]!;
  const axes = (node.attributes.axes as readonly number[]).join();
  const rest = { "2,3": [], "0,2,3": [0], "1,2,3": [1] }[axes];
  if (!maps.packed.has(x) || !rest) return undefined;
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const means = reshape(blockedSpatialMean(packedOf(maps, x)), [n, c]);
  const total = mul(sum(means, rest), h * w);
  maps.plain.set(node, reshape(total, node.shape));
  return undefined;
};

/** Joining or cutting along the batch moves whole images, whatever their layout. */
export const alongBatch: LayoutRule = (maps, node) => {
  if (node.shape.length !== 4 || !node.inputs.some((t) => maps.packed.has(t))) return undefined;
  if (!node.inputs.every((t) => sameShape(t.shape.slice(1), node.shape.slice(1)))) return undefined;
  return withInputs(
    node,
    node.inputs.map((t) => packedOf(maps, t)),
  );
};

/** A rule for an operator with one packed input. */
const onPacked =
  (rule: LayoutRule): LayoutRule =>
  (maps, node) =>
    maps.packed.has(node.inputs[0]!) ? rule(maps, node) : undefined;

/** Sums of patches, as means times their number. */
export const pool = onPacked((maps, node) => {
  const window = node.attributes.window as number;
  return mul(blockedAveragePool(packedOf(maps, node.inputs[0]!), window), window * window);
});

/** Repetition of values. */
export const repeat = onPacked((maps, node) =>
  blockedUpsample(packedOf(maps, node.inputs[0]!), node.attributes.factor as number, "nearest"),
);

/** Bilinear doubling of blocked maps. */
export const bilinear = onPacked((maps, node) =>
  blockedUpsample(packedOf(maps, node.inputs[0]!), 2, "linear"),
);

/** The adjoint of bilinear doubling. */
export const bilinearAdjoint = onPacked((maps, node) =>
  blockedBilinearAdjoint(packedOf(maps, node.inputs[0]!), maps.block),
);
