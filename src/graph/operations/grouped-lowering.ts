/**
 * Convolutions in groups as ONNX operators.
 *
 * The weight gradient is, as that of a whole convolution, one 3-D convolution with the batch as
 * channels: the image seen as [1, g·N, H, W, C/g], the gradient as a kernel [O, N, H', W', 1], in g
 * groups. On WebGPU it is a product for each image and group of what every tap sees
 * (tap-products.ts says why).
 *
 * ONNX Runtime 1.30 computes a grouped convolution wrongly on WebGPU where the number of results is
 * even and that of a group is odd. Such a one is computed there as a whole convolution whose kernel
 * is 0 between groups.
 */
import type { Emitter } from "../onnx/emitter.ts";
import type { Tensor } from "../tensor.ts";
import { flippedPadding, geometryOf, onnxGeometry, type Pair, paddingBehind } from "./conv-geometry.ts";

type Shape4 = readonly [number, number, number, number];
const shapeOf = (t: Tensor): Shape4 => t.shape as Shape4;
const groupsOf = (node: Tensor): number => node.attributes.groups as number;

/** Whether ONNX Runtime's WebGPU provider gets `results` channels in groups wrong. */
const isBroken = (emit: Emitter, results: number, groups: number): boolean =>
  emit.provider === "webgpu" && results % 2 === 0 && (results / groups) % 2 === 1 && groups > 1;

/** The kernel [O, C/g, kh, kw] as that of a whole convolution, [O, C, kh, kw]. */
function wholeKernel(emit: Emitter, kernel: string, [o, each]: Shape4, groups: number): string {
  const c = each * groups;
  const own = Float32Array.from({ length: o * c }, (_, i) =>
    Math.floor(Math.floor(i / c) / (o / groups)) === Math.floor((i % c) / each) ? 1 : 0,
  );
  const repeated = emit.op("Tile", [kernel, emit.ints([1, groups, 1, 1])]);
  return emit.op("Mul", [repeated, emit.constant("float32", [o, c, 1, 1], own)]);
}

/** x, w → y. */
export function lowerGroupedForward(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  const w = shapeOf(node.inputs[1]!);
  const groups = groupsOf(node);
  const whole = isBroken(emit, w[0], groups);
  const kernel = whole ? wholeKernel(emit, inputs[1]!, w, groups) : inputs[1]!;
  return emit.op("Conv", [inputs[0]!, kernel], {
    ...onnxGeometry(geometryOf(node)),
    kernel_shape: w.slice(2),
    group: whole ? 1 : groups,
  });
}

/**
 * d, w → gradient by x. At stride 1 it is a convolution with the kernel turned round, which is
 * faster than a transposed one.
 */
export function lowerGroupedInput(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  const g = geometryOf(node);
  const [d, w] = [shapeOf(node.inputs[0]!), shapeOf(node.inputs[1]!)];
  const size: Pair = [w[2], w[3]];
  const [o, c] = [w[0], node.shape[1]!];
  const whole = isBroken(emit, c, groupsOf(node));
  const groups = whole ? 1 : groupsOf(node);
  const kernel = whole ? wholeKernel(emit, inputs[1]!, w, groupsOf(node)) : inputs[1]!;
  const padding = flippedPadding(g, size);
  if (padding)
    return emit.op("Conv", [inputs[0]!, turned(emit, kernel, [o, c], size, groups)], {
      ...onnxGeometry({ ...g, padding }),
      kernel_shape: size,
      group: groups,
    });
  const extra = ([0, 1] as const).map((axis) => {
    const [low, high] = g.padding[axis];
    const reached =
      (d[2 + axis]! - 1) * g.strides[axis] + g.dilation[axis] * (size[axis] - 1) + 1 - low - high;
    return node.shape[2 + axis]! - reached;
  });
  return emit.op("ConvTranspose", [inputs[0]!, kernel], {
    ...onnxGeometry(g),
    kernel_shape: size,
    output_padding: extra,
    group: groups,
  });
}

/**
 * The kernel [O, C/g, kh, kw] of the adjoint, [C, O/g, kh, kw]: flipped in both directions,
 * channels swapped within each group.
 */
function turned(emit: Emitter, kernel: string, [o, c]: Pair, [kh, kw]: Pair, groups: number): string {
  const parts = emit.op("Reshape", [kernel, emit.ints([groups, o / groups, c / groups, kh, kw])]);
  const swapped = emit.op("Transpose", [parts], { perm: [0, 2, 1, 3, 4] });
  const joined = emit.op("Reshape", [swapped, emit.ints([c, o / groups, kh, kw])]);
  if (kh * kw === 1) return joined;
  const far = emit.ints([-(2 ** 31), -(2 ** 31)]);
  return emit.op("Slice", [joined, emit.ints([-1, -1]), far, emit.ints([2, 3]), emit.ints([-1, -1])]);
}

/** x, d → gradient by w. */
export function lowerGroupedWeight(emit: Emitter, node: Tensor, inputs: readonly string[]): string {
  if (emit.provider === "webgpu") return lowerGroupedTaps(emit, node, inputs);
  const g = geometryOf(node);
  const groups = groupsOf(node);
  const [n, c, h, w] = shapeOf(node.inputs[0]!);
  const [, o, dh, dw] = shapeOf(node.inputs[1]!);
  const [, each, kh, kw] = shapeOf(node);
  const high = paddingBehind(g, [h, w], [dh, dw], [kh, kw]);
  if (!high) return emit.op("Expand", [emit.scalar(0), emit.ints(node.shape)]);
  const cut = emit.op("Reshape", [inputs[0]!, emit.ints([n, groups, each, h * w])]);
  const last = emit.op("Transpose", [cut], { perm: [1, 0, 3, 2] });
  let image = emit.op("Reshape", [last, emit.ints([1, groups * n, h, w, c / groups])]);
  for (const axis of [0, 1] as const) {
    const over = Math.min(0, high[axis]);
    if (over < 0) image = emit.op("Slice", [image, emit.ints([0]), emit.ints([over]), emit.ints([2 + axis])]);
  }
  const swapped = emit.op("Transpose", [inputs[1]!], { perm: [1, 0, 2, 3] });
  const kernel = emit.op("Reshape", [swapped, emit.ints([o, n, dh, dw, 1])]);
  const result = emit.op("Conv", [image, kernel], {
    kernel_shape: [dh, dw, 1],
    strides: [...g.dilation, 1],
    dilations: [...g.strides, 1],
    pads: [g.padding[0][0], g.padding[1][0], 0, Math.max(0, high[0]), Math.max(0, high[1]), 0],
    group: groups,
  });
  const matrix = emit.op("Reshape", [result, emit.ints([o, kh, kw, each])]);
  return emit.op("Transpose", [matrix], { perm: [0, 3, 1, 2] });
}

/**
 * Numbers in what the taps of some images see at most: 128 MB, the storage buffer that every WebGPU
 * device has.
 */
const LARGEST_MATRIX = 2 ** 25;

/**
 * The weight gradient as matrix products: rows are what each tap of each channel of a group sees,
 * columns the gradient's channels of that group. As many images at once as `largestMatrix` numbers
 * hold, at least one.
 */
export function lowerGroupedTaps(
  emit: Emitter,
  node: Tensor,
  inputs: readonly string[],
  largestMatrix = LARGEST_MATRIX,
): string {
  const g = geometryOf(node);
  const groups = groupsOf(node);
  const [n, c, h, w] = shapeOf(node.inputs[0]!);
  const [, o, dh, dw] = shapeOf(node.inputs[1]!);
  const [, each, kh, kw] = shapeOf(node);
  const [taps, places] = [kh * kw, dh * dw];
  const oneHot = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) oneHot[tap * (taps + 1)] = 1;

  const together = Math.max(1, Math.min(n, Math.floor(largestMatrix / (c * taps * places))));
  let total: string | undefined;
  for (let first = 0; first < n; first += together) {
    const count = Math.min(together, n - first);
    const part = (value: string): string =>
      count === n
        ? value
        : emit.op("Slice", [value, emit.ints([first]), emit.ints([first + count]), emit.ints([0])]);
    const planes = emit.op("Reshape", [part(inputs[0]!), emit.ints([count * c, 1, h, w])]);
    const seen = emit.op("Conv", [planes, emit.constant("float32", [taps, 1, kh, kw], oneHot)], {
      ...onnxGeometry(g),
      kernel_shape: [kh, kw],
    });
    const rows = emit.op("Reshape", [seen, emit.ints([count * groups, each * taps, places])]);
    const own = emit.op("Reshape", [part(inputs[1]!), emit.ints([count * groups, o / groups, places])]);
    const columns = emit.op("Transpose", [own], { perm: [0, 2, 1] });
    const products = emit.op("Reshape", [
      emit.op("MatMul", [rows, columns]),
      emit.ints([count, groups, each * taps, o / groups]),
    ]);
    const sum = emit.op("ReduceSum", [products, emit.ints([0])], { keepdims: 0 });
    total = total === undefined ? sum : emit.op("Add", [total, sum]);
  }
  const ordered = emit.op("Transpose", [total!], { perm: [0, 2, 1] });
  return emit.op("Reshape", [ordered, emit.ints([o, each, kh, kw])]);
}
