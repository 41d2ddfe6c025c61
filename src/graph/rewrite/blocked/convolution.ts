/**
 * Convolutions and their adjoints toward the image in the blocked layout (those toward the
 * kernel: weight-gradient.ts).
 */
import { type BlockedConv, blockedConv, unpack } from "../../operations/blocked.ts";
import { type ConvGeometry, convGeometry, flippedPadding, geometryOf, pad } from "../../operations/index.ts";
import type { Tensor } from "../../tensor.ts";
import { blockKernel, blockTaps, interleave, phaseKernels } from "./kernels.ts";
import { type FeatureMaps, fillsBlocks, type LayoutRule, packedOf, plainOf } from "./maps.ts";

type Pair = readonly [number, number];

/** A 1 × 1 convolution's geometry. */
export const UNIT: ConvGeometry = convGeometry({});

/** conv2d. */
export const convolve: LayoutRule = (maps, node) =>
  convolveWith(maps, node, plainOf(maps, node.inputs[1]!), geometryOf(node), false);

/**
 * convInput: of stride 1 a convolution with the turned kernel, else one for each phase of the
 * result.
 */
export const convolveBack: LayoutRule = (maps, node) => {
  const w = plainOf(maps, node.inputs[1]!);
  const geometry = geometryOf(node);
  const padding = flippedPadding(geometry, [w.shape[2]!, w.shape[3]!]);
  return padding
    ? convolveWith(maps, node, w, { ...geometry, padding }, true)
    : convolveInPhases(maps, node, w, geometry);
};

/**
 * The node's first input convolved with the plain kernel w (or w~): packed, or plain if the outputs
 * do not fill blocks.
 */
function convolveWith(
  maps: FeatureMaps,
  node: Tensor,
  w: Tensor,
  geometry: ConvGeometry,
  turned: boolean,
): Tensor | undefined {
  const [o, i] = (turned ? [w.shape[1], w.shape[0]] : w.shape) as [number, number];
  const image = i < maps.block && fillsBlocks(maps, o);
  if (!image && !fillsBlocks(maps, i)) return undefined;
  const x = image ? plainOf(maps, node.inputs[0]!) : packedOf(maps, node.inputs[0]!);
  return finish(maps, node, { x, w: blockKernel(w, maps.block, turned), geometry }, o);
}

/** A strided transposed convolution as stride-1 convolutions whose results are interleaved. */
function convolveInPhases(
  maps: FeatureMaps,
  node: Tensor,
  w: Tensor,
  geometry: ConvGeometry,
): Tensor | undefined {
  const [o, c] = w.shape as [number, number];
  const f = geometry.strides[0];
  const even = geometry.strides[1] === f && node.shape.slice(2).every((n) => n % f === 0);
  const phases =
    even && geometry.dilation.every((n) => n === 1) && fillsBlocks(maps, o)
      ? phaseKernels([w.shape[2]!, w.shape[3]!], geometry, f)
      : undefined;
  if (!phases) return undefined;
  const d = node.inputs[0]!;
  const size = [node.shape[2]! / f, node.shape[3]! / f] as const;
  // The padding behind the input is what makes a phase image full size.
  const paddings = phases.map((row) =>
    row.map(({ size: taps, low }) =>
      ([0, 1] as const).map(
        (axis) => [low[axis], size[axis] - 1 + taps[axis] - low[axis] - d.shape[2 + axis]!] as Pair,
      ),
    ),
  ) as [Pair, Pair][][];
  // A forward padding beyond what the kernel reaches would have the input cut instead.
  if (paddings.flat(3).some((n) => n < 0)) return undefined;
  const take = blockTaps(w, maps.block, true);
  const images = phases.map((row, a) =>
    row.map(({ taps, size: kernel }, b) => {
      const blocked = take(taps, kernel);
      const conv = {
        x: packedOf(maps, d),
        w: blocked,
        bias: biasOf(maps, node, blocked),
        geometry: { ...UNIT, padding: paddings[a]![b]! },
        groups: 1,
      };
      return blockedConv(conv, [node.shape[0]!, blocked.shape[0]!, ...size]);
    }),
  );
  return keep(maps, node, interleave(images, maps.block), c);
}

/** The node's bias, filled up to the outputs of a blocked kernel. */
function biasOf(maps: FeatureMaps, node: Tensor, kernel: Tensor): Tensor | undefined {
  const bias = node.inputs[2] && plainOf(maps, node.inputs[2]);
  return bias && pad(bias, [0], [kernel.shape[0]! - bias.shape[0]!]);
}

function finish(
  maps: FeatureMaps,
  node: Tensor,
  conv: Pick<BlockedConv, "x" | "w" | "geometry">,
  channels: number,
): Tensor | undefined {
  const shape = [node.shape[0]!, conv.w.shape[0]!, node.shape[2]!, node.shape[3]!];
  return keep(
    maps,
    node,
    blockedConv({ ...conv, bias: biasOf(maps, node, conv.w), groups: 1 }, shape),
    channels,
  );
}

/**
 * A result whose channels fill blocks stays packed; of another the first `channels` are unpacked.
 */
function keep(maps: FeatureMaps, node: Tensor, packed: Tensor, channels: number): Tensor | undefined {
  if (packed.shape[1] === channels) return packed;
  maps.plain.set(node, unpack(packed, channels));
  return undefined;
}
