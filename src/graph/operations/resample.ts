/**
 * Fixed-factor resampling of feature maps [N, C, H, W]. Sum pooling and nearest-neighbor
 * enlargement are adjoint; zero insertion is `pad` with interior and its adjoint a strided `slice`;
 * bilinear enlargement and its adjoint are a pair of their own.
 */
import type { Emitter } from "../onnx/emitter.ts";
import { definePrimitive, makeNode, type Tensor } from "../tensor.ts";

const sumPoolPrimitive = definePrimitive({
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
    // "VALID" is no padding, said so that ONNX Runtime does not merge a Pad before it, which fails for pads as large as the window.
    const average = emit.op("AveragePool", inputs, {
      kernel_shape: [k, k],
      strides: [k, k],
      auto_pad: "VALID",
    });
    return emit.op("Mul", [average, emit.scalar(k * k)]);
  },
});
/** Sums of non-overlapping `window` × `window` patches. */
export const sumPool = (x: Tensor, window: number): Tensor => makeNode(sumPoolPrimitive, [x], { window });

const upsamplePrimitive = definePrimitive({
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
});
/** Every value repeated `factor` × `factor` times. */
export const upsampleNearest = (x: Tensor, factor: number): Tensor =>
  makeNode(upsamplePrimitive, [x], { factor });

/**
 * Weights [2n, n] of bilinear doubling along one axis with half-pixel centers: output i looks at (i
 * + ½)/2 − ½, so even outputs are ¼ · before + ¾ · own and odd ones ¾ · own + ¼ · after; at the
 * ends the missing neighbor is the end itself.
 */
function bilinearWeights(n: number): Float32Array {
  const values = new Float32Array(2 * n * n);
  for (let i = 0; i < 2 * n; i++) {
    const place = (i + 0.5) / 2 - 0.5;
    const low = Math.floor(place);
    for (const [index, weight] of [
      [low, 1 - (place - low)],
      [low + 1, place - low],
    ] as const)
      values[i * n + Math.min(n - 1, Math.max(0, index))]! += weight;
  }
  return values;
}

/** The transposed matrix, [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

/**
 * Both directions of bilinear doubling as two matrix products, one along each axis. `size` is that
 * of the small map; `run` numbers lie together at each place: 1 in plain memory, B in blocked
 * memory [maps, H, W, B].
 */
export function lowerBilinear(
  emit: Emitter,
  value: string,
  maps: number,
  size: readonly [number, number],
  run: number,
  direction: "up" | "adjoint",
): string {
  const [h, w] = size;
  const up = direction === "up";
  const matrix = (n: number): string => {
    const weights = bilinearWeights(n);
    return up
      ? emit.constant("float32", [2 * n, n], weights)
      : emit.constant("float32", [n, 2 * n], transposed(weights, 2 * n, n));
  };
  const [fromH, toH, fromW] = up ? [h, 2 * h, w] : [2 * h, h, 2 * w];
  const rows = emit.op("Reshape", [value, emit.ints([maps, fromH, fromW * run])]);
  const tall = emit.op("MatMul", [matrix(h), rows]);
  if (run === 1) {
    const weights = bilinearWeights(w);
    const right = up
      ? emit.constant("float32", [w, 2 * w], transposed(weights, 2 * w, w))
      : emit.constant("float32", [2 * w, w], weights);
    return emit.op("MatMul", [emit.op("Reshape", [tall, emit.ints([maps * toH, fromW])]), right]);
  }
  const columns = emit.op("Reshape", [tall, emit.ints([maps * toH, fromW, run])]);
  return emit.op("MatMul", [matrix(w), columns]);
}

const bilinearPrimitive = definePrimitive({
  name: "upsampleBilinear",
  infer: ([x], _, fail) => {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4) fail("needs [N, C, H, W]");
    return { shape: [n!, c!, 2 * h!, 2 * w!], dtype: x!.dtype };
  },
  gradient: (_, dy) => [upsampleBilinearAdjoint(dy)],
  lower: (emit, node, inputs) => {
    const [n, c, h, w] = node.inputs[0]!.shape as [number, number, number, number];
    return emit.op("Reshape", [
      lowerBilinear(emit, inputs[0]!, n * c, [h, w], 1, "up"),
      emit.ints(node.shape),
    ]);
  },
});
/** Height and width doubled, bilinear with half-pixel centers (PyTorch's `align_corners=False`). */
export const upsampleBilinear = (x: Tensor): Tensor => makeNode(bilinearPrimitive, [x]);

const bilinearAdjointPrimitive = definePrimitive({
  name: "upsampleBilinearAdjoint",
  infer: ([x], _, fail) => {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4 || h! % 2 !== 0 || w! % 2 !== 0) fail("needs [N, C, H, W] with even H and W");
    return { shape: [n!, c!, h! / 2, w! / 2], dtype: x!.dtype };
  },
  gradient: (_, dy) => [upsampleBilinear(dy)],
  lower: (emit, node, inputs) => {
    const [n, c, h, w] = node.shape as [number, number, number, number];
    return emit.op("Reshape", [
      lowerBilinear(emit, inputs[0]!, n * c, [h, w], 1, "adjoint"),
      emit.ints(node.shape),
    ]);
  },
});
/** The adjoint of `upsampleBilinear`: [N, C, 2H, 2W] → [N, C, H, W]. */
export const upsampleBilinearAdjoint = (dy: Tensor): Tensor => makeNode(bilinearAdjointPrimitive, [dy]);
