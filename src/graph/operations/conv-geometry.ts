/** Strides, padding and dilation of a convolution, which its three forms share. */
import type { Attributes, Tensor } from "../tensor.ts";

/** One number for the rows, one for the columns. */
export type Pair = readonly [number, number];

/** The geometry of a convolution; padding is [[top, bottom], [left, right]]. */
export interface ConvGeometry {
  readonly strides: Pair;
  readonly padding: readonly [Pair, Pair];
  readonly dilation: Pair;
}

/** What a caller may leave out: stride 1, no padding, no dilation. A single padding number goes on all sides. */
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
