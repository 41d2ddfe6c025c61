/** Strides, padding and dilation of a convolution, which its three forms share. */
import type { Attributes, Tensor } from "../tensor.ts";

/** One number for the rows, one for the columns. */
export type Pair = readonly [number, number];

/** Of images and maps [N, C, H, W], and of kernels [O, C, kh, kw]. */
export type Shape4 = readonly [number, number, number, number];

/** The shape of an image, a map or a kernel. */
export const shapeOf = (t: Tensor): Shape4 => t.shape as Shape4;

/** Rows and columns of an image, a map or a kernel. */
export const sizeOf = (t: Tensor): Pair => [t.shape[2]!, t.shape[3]!];

/** The geometry of a convolution; padding is [[top, bottom], [left, right]]. */
export interface ConvGeometry {
  readonly strides: Pair;
  readonly padding: readonly [Pair, Pair];
  readonly dilation: Pair;
}

/**
 * What a caller may leave out: stride 1, no padding, no dilation. A single padding number goes on
 * all sides.
 */
export interface ConvOptions {
  readonly stride?: number | Pair;
  readonly padding?: number | readonly [Pair, Pair];
  readonly dilation?: number | Pair;
}

const pair = (value: number | Pair | undefined, standard: number): Pair =>
  typeof value === "object" ? value : [value ?? standard, value ?? standard];

/** Fill in the defaults. */
export function convGeometry(options: ConvOptions): ConvGeometry {
  const { padding = 0 } = options;
  return {
    strides: pair(options.stride, 1),
    padding:
      typeof padding === "number"
        ? [
            [padding, padding],
            [padding, padding],
          ]
        : padding,
    dilation: pair(options.dilation, 1),
  };
}

/** The geometry in the attributes of a node. */
export const geometryIn = (attributes: Attributes): ConvGeometry => attributes as Attributes & ConvGeometry;

/** The geometry of any of the three primitives, plain or blocked. */
export const geometryOf = (node: Tensor): ConvGeometry => geometryIn(node.attributes);

/** Groups of a node of one of the primitives of convolutions in groups. */
export const groupsOf = (node: Tensor): number => node.attributes.groups as number;

/** A geometry as the attributes of a node. */
export const asAttributes = ({ strides, padding, dilation }: ConvGeometry): Attributes => ({
  strides,
  padding,
  dilation,
});

/** A geometry as the options of `conv2d`. */
export const asOptions = (g: ConvGeometry): ConvOptions => ({
  stride: g.strides,
  padding: g.padding,
  dilation: g.dilation,
});

/** Geometry as ONNX attributes: pads are [top, left, bottom, right]. */
export function onnxGeometry(g: ConvGeometry): Record<string, readonly number[]> {
  const [[top, bottom], [left, right]] = g.padding;
  return { strides: g.strides, pads: [top, left, bottom, right], dilations: g.dilation };
}

/** Size of the result along one axis. */
export function outputSize(size: number, kernel: number, g: ConvGeometry, axis: 0 | 1): number {
  const [low, high] = g.padding[axis];
  return Math.floor((size + low + high - (g.dilation[axis] * (kernel - 1) + 1)) / g.strides[axis]) + 1;
}

/**
 * Padding of the stride-1 convolution with the flipped kernel that equals `convInput` of a stride-1
 * convolution: each result gathers from the dilation·(k − 1) positions the kernel reaches, less
 * what the forward padding already supplied. `undefined` when the stride is not 1 or the forward
 * padding exceeds the kernel.
 */
export function flippedPadding(g: ConvGeometry, kernel: Pair): readonly [Pair, Pair] | undefined {
  if (g.strides[0] !== 1 || g.strides[1] !== 1) return undefined;
  const reach = ([low, high]: Pair, axis: 0 | 1): Pair => {
    const span = g.dilation[axis] * (kernel[axis] - 1);
    return [span - low, span - high];
  };
  const padding = [reach(g.padding[0], 0), reach(g.padding[1], 1)] as const;
  return padding.flat().every((n) => n >= 0) ? padding : undefined;
}

/**
 * Padding behind the image with which its window of the weight gradient ends where the last tap
 * does; negative for what the stride left over, to be cut off. `undefined` when the window ends
 * before the image begins: the gradient is 0 then.
 */
export function paddingBehind(g: ConvGeometry, image: Pair, gradient: Pair, kernel: Pair): Pair | undefined {
  const end = ([0, 1] as const).map((axis) => {
    const span = g.dilation[axis] * (kernel[axis] - 1) + g.strides[axis] * (gradient[axis] - 1) + 1;
    return span - g.padding[axis][0];
  });
  return end.every((n) => n > 0) ? [end[0]! - image[0], end[1]! - image[1]] : undefined;
}
