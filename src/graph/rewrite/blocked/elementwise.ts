/** Elementwise operators on packed maps. */
import { asBlockedConv, type BlockedConv, blockedConv } from "../../operations/blocked.ts";
import { broadcastTo, constant, mul, neg, reshape } from "../../operations/index.ts";
import { sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { withInputs } from "../rewrite.ts";
import { UNIT } from "./convolution.ts";
import { type FeatureMaps, type LayoutRule, packedOf, plainOf } from "./maps.ts";

const BOTH_WAYS = [
  [0, 1],
  [1, 0],
] as const;

/** Packed if an operand of the full shape is. */
export const elementwise: LayoutRule = (maps, node) => {
  if (!node.inputs.some((t) => maps.packed.has(t) && sameShape(t.shape, node.shape))) return undefined;
  return fuse(maps, node) ?? affine(maps, node) ?? broadcast(maps, node);
};

/**
 * ReLU, leaky or not, and residual sums go into the convolution that made their operand, if nobody
 * else wants it.
 */
function fuse(maps: FeatureMaps, node: Tensor): Tensor | undefined {
  const ownConv = (t: Tensor): BlockedConv | undefined => {
    const packed = maps.packed.get(t);
    const found = packed && maps.uses.get(t) === 1 ? asBlockedConv(packed) : undefined;
    return found && found.slope === undefined ? found : undefined;
  };
  const slope = node.primitive.name === "relu" ? 0 : (node.attributes.slope as number | undefined);
  if (slope !== undefined) {
    const conv = ownConv(node.inputs[0]!);
    return conv && blockedConv({ ...conv, slope }, node.shape);
  }
  if (node.primitive.name !== "add" || !node.inputs.every((t) => sameShape(t.shape, node.shape)))
    return undefined;
  for (const [i, j] of BOTH_WAYS) {
    const conv = ownConv(node.inputs[i]!);
    if (conv && !conv.sum && node.inputs[i] !== node.inputs[j])
      return blockedConv({ ...conv, sum: packedOf(maps, node.inputs[j]!) }, node.shape);
  }
  return undefined;
}

/** x · a + b with one a and b a channel: a depthwise 1 × 1 convolution, in one pass. */
function affine(maps: FeatureMaps, node: Tensor): Tensor | undefined {
  const { name } = node.primitive;
  const c = node.shape[1]!;
  if (name !== "mul" && name !== "add" && name !== "sub") return undefined;
  const perChannel = (t: Tensor): boolean => sameShape(t.shape, [1, c, 1, 1]);
  const order = BOTH_WAYS.find(
    ([i, j]) => sameShape(node.inputs[i]!.shape, node.shape) && perChannel(node.inputs[j]!),
  );
  if (!order || (name === "sub" && order[0] === 1)) return undefined;
  const x = node.inputs[order[0]]!;
  const values = plainOf(maps, node.inputs[order[1]]!);
  const depthwise = { x: packedOf(maps, x), geometry: UNIT, groups: c };
  if (name === "mul") {
    const factor = reshape(values, [c, 1, 1, 1]);
    // (x · a + b) · f = x · af + bf: no need to keep what is in brackets, if it was itself made of x by one scale and shift a channel.
    const inner = asBlockedConv(packedOf(maps, x));
    const scales = inner && inner.groups === c && sameShape(inner.w.shape, [c, 1, 1, 1]);
    if (!inner || !scales || inner.slope !== undefined || inner.sum)
      return blockedConv({ ...depthwise, w: factor }, node.shape);
    const bias = inner.bias && mul(inner.bias, reshape(values, [c]));
    return blockedConv({ ...inner, w: mul(inner.w, factor), bias }, node.shape);
  }

  const shift = name === "sub" ? neg(reshape(values, [c])) : reshape(values, [c]);
  const conv = maps.uses.get(x) === 1 ? asBlockedConv(packedOf(maps, x)) : undefined;
  if (conv && !conv.bias && conv.slope === undefined)
    return blockedConv({ ...conv, bias: shift }, node.shape);
  return blockedConv({ ...depthwise, w: broadcastTo(constant(1), [c, 1, 1, 1]), bias: shift }, node.shape);
}

/** Any other: operands of the full shape packed, smaller ones seen in the shape of the blocks. */
function broadcast(maps: FeatureMaps, node: Tensor): Tensor | undefined {
  const { block } = maps;
  const [n = 0, c = 0, h = 0, w = 0] = node.shape;
  const isFull = (t: Tensor): boolean => sameShape(t.shape, node.shape);
  const isScalar = (t: Tensor): boolean => t.shape.every((size) => size === 1);
  // One number a channel, an image, or a channel of an image.
  const isSmall = (t: Tensor): boolean =>
    t.shape.length === 4 &&
    (sameShape(t.shape.slice(1), [c, 1, 1]) || sameShape(t.shape.slice(1), [1, 1, 1]));
  if (!node.inputs.every((t) => isFull(t) || isScalar(t) || isSmall(t))) return undefined;
  const scalar = (t: Tensor): Tensor => reshape(plainOf(maps, t), []);
  if (!node.inputs.some((t) => !isFull(t) && !isScalar(t)))
    return withInputs(
      node,
      node.inputs.map((t) => (isFull(t) ? packedOf(maps, t) : scalar(t))),
    );

  const view = (t: Tensor): Tensor =>
    isFull(t)
      ? reshape(packedOf(maps, t), [n, c / block, h, w, block])
      : isScalar(t)
        ? scalar(t)
        : t.shape[1] === 1
          ? reshape(plainOf(maps, t), [t.shape[0]!, 1, 1, 1, 1])
          : reshape(plainOf(maps, t), [t.shape[0]!, c / block, 1, 1, block]);
  const viewed = { ...withInputs(node, node.inputs.map(view)), shape: [n, c / block, h, w, block] };
  return reshape(viewed, node.shape);
}
