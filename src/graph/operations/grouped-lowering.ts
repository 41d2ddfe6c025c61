/**
 * Convolutions in groups as ONNX operators.
 *
 * The weight gradient is a 3-D convolution in groups (conv-lowering.ts); on WebGPU it is a product
 * for each image and group of what every tap sees (tap-products.ts says why).
 *
 * ONNX Runtime 1.30 computes a grouped convolution wrongly on WebGPU where the number of results is
 * even and that of a group is odd. Such a one is computed there as a whole convolution whose kernel
 * is 0 between groups.
 */
import type { Emitter } from "../onnx/emitter.ts";
import type { Tensor } from "../tensor.ts";
import { geometryOf, groupsOf, onnxGeometry, type Shape4, shapeOf, sizeOf } from "./conv-geometry.ts";
import { lowerForward, lowerInputGradient, lowerWeightGradient } from "./conv-lowering.ts";

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
export function lowerGroupedForward(emit: Emitter, node: Tensor, [x, w]: readonly string[]): string {
  const groups = groupsOf(node);
  const shape = shapeOf(node.inputs[1]!);
  const size = sizeOf(node.inputs[1]!);
  return isBroken(emit, shape[0], groups)
    ? lowerForward(emit, node, [x!, wholeKernel(emit, w!, shape, groups)], size)
    : lowerForward(emit, node, [x!, w!], size, groups);
}

/** d, w → gradient by x. */
export function lowerGroupedInput(emit: Emitter, node: Tensor, [d, w]: readonly string[]): string {
  const groups = groupsOf(node);
  const shape = shapeOf(node.inputs[1]!);
  const [o, each, kh, kw] = shape;
  return isBroken(emit, each * groups, groups)
    ? lowerInputGradient(emit, node, [d!, wholeKernel(emit, w!, shape, groups)], [o, each * groups, kh, kw])
    : lowerInputGradient(emit, node, [d!, w!], shape, groups);
}

/** x, d → gradient by w. */
export const lowerGroupedWeight = (emit: Emitter, node: Tensor, inputs: readonly string[]): string =>
  emit.provider === "webgpu"
    ? lowerGroupedTaps(emit, node, inputs)
    : lowerWeightGradient(emit, node, inputs, groupsOf(node));

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
