/**
 * Pooling with overlapping windows, as classification networks have it. For networks that are only
 * run, never trained: neither has a gradient, so that none flows through (the pooling of GANs,
 * whose windows do not overlap, is `sumPool`).
 */
import { definePrimitive, makeNode, type Primitive, type Tensor } from "../tensor.ts";

/** A square window, the distance between windows, and a border on all four sides. */
export interface PoolOptions {
  readonly window: number;
  readonly stride: number;
  readonly padding?: number;
}

const infer: Primitive["infer"] = ([x], attributes, fail) => {
  const { window, stride, padding } = attributes as Record<string, number>;
  if (x!.shape.length !== 4 || x!.dtype !== "float32") fail("needs float32 [N, C, H, W]");
  if (!(window! >= 1 && stride! >= 1 && padding! >= 0)) fail("needs a window and a stride of at least 1");
  // A window that lies wholly in the border has no largest element and no mean.
  if (padding! * 2 > window!) fail("the border must not be wider than half the window");
  const [n, c, ...size] = x!.shape as [number, number, number, number];
  const pooled = size.map((length) => Math.floor((length + 2 * padding! - window!) / stride!) + 1);
  if (pooled.some((length) => length < 1)) fail("the window is larger than the padded image");
  return { shape: [n, c, ...pooled], dtype: "float32" };
};

const geometry = (node: Tensor): Record<string, readonly number[]> => {
  const { window, stride, padding } = node.attributes as Record<string, number>;
  return {
    kernel_shape: [window!, window!],
    strides: [stride!, stride!],
    pads: [padding!, padding!, padding!, padding!],
  };
};

const attributesOf = ({ window, stride, padding = 0 }: PoolOptions): Record<string, number> => ({
  window,
  stride,
  padding,
});

const maxPoolPrimitive = definePrimitive({
  name: "maxPool",
  infer,
  lower: (emit, node, inputs) => emit.op("MaxPool", inputs, geometry(node)),
});
/**
 * The largest element of each window; the border counts as −∞. x [N, C, H, W] → [N, C, H', W']. No
 * gradient flows.
 */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor =>
  makeNode(maxPoolPrimitive, [x], attributesOf(options));

const averagePoolPrimitive = definePrimitive({
  name: "averagePool",
  infer,
  lower: (emit, node, inputs) =>
    emit.op("AveragePool", inputs, {
      ...geometry(node),
      count_include_pad: node.attributes.countPadding ? 1 : 0,
    }),
});
/**
 * The mean of each window. `countPadding`: the border counts as zeros (PyTorch's default); else the
 * mean is taken over what of the window lies in the image (TensorFlow). x [N, C, H, W] → [N, C, H',
 * W']. No gradient flows.
 */
export const averagePool = (x: Tensor, options: PoolOptions & { readonly countPadding: boolean }): Tensor =>
  makeNode(averagePoolPrimitive, [x], { ...attributesOf(options), countPadding: options.countPadding });
