/**
 * Fixed-factor resampling of feature maps [N, C, H, W]. Sum pooling and nearest-neighbour enlargement are adjoint; zero insertion is
 * `pad` with interior and its adjoint a strided `slice`; bilinear enlargement is two matrix products (nn/resample.ts).
 */
import { makeNode, type Primitive, type Tensor } from "../tensor.ts";

const sumPoolPrimitive: Primitive = {
  name: "sumPool",
  infer: ([x], { window }, fail) => {
    const k = window as number;
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4 || h! % k !== 0 || w! % k !== 0)
      fail(`needs [N, C, H, W] with H and W divisible by ${k}`);
    return { shape: [n!, c!, h! / k, w! / k], dtype: x!.dtype };
  },
  gradient: (node, dy) => [upsampleNearest(dy, node.attributes.window as number)],
  lower: (emit, node, inputs) => {
    const k = node.attributes.window as number;
    const average = emit.op("AveragePool", inputs, { kernel_shape: [k, k], strides: [k, k] });
    return emit.op("Mul", [average, emit.scalar(k * k)]);
  },
};
/** Sums of non-overlapping `window` × `window` patches. */
export const sumPool = (x: Tensor, window: number): Tensor => makeNode(sumPoolPrimitive, [x], { window });

const upsamplePrimitive: Primitive = {
  name: "upsampleNearest",
  infer: ([x], { factor }, fail) => {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4) fail("needs [N, C, H, W]");
    return { shape: [n!, c!, h! * (factor as number), w! * (factor as number)], dtype: x!.dtype };
  },
  gradient: (node, dy) => [sumPool(dy, node.attributes.factor as number)],
  lower: (emit, node, inputs) => {
    // A row of W values times a 0/1 matrix [W, k·k·W] is the row enlarged, k times over: one GEMM (see docs/performance.md).
    const [n, c, h, w] = node.inputs[0]!.shape as [number, number, number, number];
    const k = node.attributes.factor as number;
    const matrix = new Float32Array(w * k * k * w);
    for (let row = 0; row < k; row++)
      for (let j = 0; j < k * w; j++) matrix[Math.floor(j / k) * k * k * w + row * k * w + j] = 1;
    const rows = emit.op("Reshape", [inputs[0]!, emit.ints([n * c * h, w])]);
    const enlarged = emit.op("MatMul", [rows, emit.constant("float32", [w, k * k * w], matrix)]);
    return emit.op("Reshape", [enlarged, emit.ints(node.shape)]);
  },
};
/** Every value repeated `factor` × `factor` times. */
export const upsampleNearest = (x: Tensor, factor: number): Tensor =>
  makeNode(upsamplePrimitive, [x], { factor });
