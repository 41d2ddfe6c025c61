/**
 * The weight gradient of a convolution as matrix products, for processors with many threads and
 * slow direct convolutions (WebGPU). With the taps t = (ky, kx) of the kernel, the places p of the
 * result and the images n of the batch,
 *
 *     dw[o, c, t] = Σ_n Σ_p d[n, o, p] · x[n, c, p·stride + t·dilation − padding],
 *
 * so a matrix whose rows are what each tap of each channel sees ("im2col") is multiplied with the
 * gradient, image by image, and the products are added. The matrix is made by one convolution of
 * every plane by itself whose kernels are 1 at a tap and 0 elsewhere: each number is read through a
 * cache and written once. Where a product for each image would be too large in sum, the image,
 * channels last, is sliced once a tap, the slices lie side by side as columns, and there is a
 * product for each group of images.
 */
import type { Emitter } from "../onnx/emitter.ts";
import type { Tensor } from "../tensor.ts";
import { geometryOf, onnxGeometry } from "./conv-geometry.ts";

/**
 * Numbers in one matrix of slices at most: 128 MB, the storage buffer that every WebGPU device has.
 * More taps make more products.
 */
const LARGEST_MATRIX = 2 ** 25;

/**
 * Numbers in the products of all groups at most: enough for tens of thousands of threads, and still
 * small.
 */
const LARGEST_PRODUCTS = 2 ** 22;

/**
 * The largest divisor of the batch with which the products of that many groups are small enough.
 */
export function groupsOf(batch: number, perGroup: number): number {
  for (let groups = batch; groups > 1; groups--)
    if (batch % groups === 0 && groups * perGroup <= LARGEST_PRODUCTS) return groups;
  return 1;
}

/** Numbers in the products of all images at most where the taps are unfolded: 64 MB. */
const LARGEST_UNFOLDED = 2 ** 24;

/** Lower a `convWeight` node. */
export function lowerTapProducts(
  emit: Emitter,
  node: Tensor,
  inputs: readonly string[],
  largestMatrix = LARGEST_MATRIX,
): string {
  return lowerUnfolded(emit, node, inputs, largestMatrix) ?? lowerSliced(emit, node, inputs, largestMatrix);
}

/**
 * By one convolution and one product; `undefined` where these would be too large, or the image ends
 * elsewhere than the last tap.
 */
function lowerUnfolded(
  emit: Emitter,
  node: Tensor,
  inputs: readonly string[],
  largestMatrix: number,
): string | undefined {
  const { strides, padding, dilation } = geometryOf(node);
  const [x, d] = node.inputs as [Tensor, Tensor];
  const [n, c, ...image] = x.shape as [number, number, number, number];
  const [, o, ...result] = d.shape as [number, number, number, number];
  const [kh, kw] = node.attributes.kernelSize as readonly [number, number];
  const [taps, places] = [kh * kw, result[0]! * result[1]!];
  if (n * c * taps * places > largestMatrix || n * c * taps * o > LARGEST_UNFOLDED) return undefined;
  const seen = ([0, 1] as const).map((axis) => {
    const room =
      image[axis]! + padding[axis][0] + padding[axis][1] - dilation[axis] * ([kh, kw][axis]! - 1) - 1;
    return Math.floor(room / strides[axis]) + 1;
  });
  if (seen.some((length, axis) => length !== result[axis])) return undefined;
  const gradient = emit.op("Transpose", [emit.op("Reshape", [inputs[1]!, emit.ints([n, o, places])])], {
    perm: [0, 2, 1],
  });
  let rows = inputs[0]!;
  if (taps > 1 || strides.some((s) => s > 1) || padding.flat().some((p) => p > 0)) {
    const oneHot = new Float32Array(taps * taps);
    for (let tap = 0; tap < taps; tap++) oneHot[tap * (taps + 1)] = 1;
    const planes = emit.op("Reshape", [rows, emit.ints([n * c, 1, ...image])]);
    // Of planes, not of groups of channels: ONNX Runtime 1.30 computes a grouped convolution wrongly on WebGPU where the number of results
    // is even and that of a group is odd.
    rows = emit.op("Conv", [planes, emit.constant("float32", [taps, 1, kh, kw], oneHot)], {
      ...onnxGeometry({ strides, padding, dilation }),
      kernel_shape: [kh, kw],
    });
  }
  rows = emit.op("Reshape", [rows, emit.ints([n, c * taps, places])]);
  const products = emit.op("MatMul", [rows, gradient]);
  const total = emit.op("ReduceSum", [products, emit.ints([0])], { keepdims: 0 });
  const last = emit.op("Transpose", [total], { perm: [1, 0] });
  return emit.op("Reshape", [last, emit.ints([o, c, kh, kw])]);
}

/** By slices of the image. */
function lowerSliced(emit: Emitter, node: Tensor, inputs: readonly string[], largestMatrix: number): string {
  const { strides, padding, dilation } = geometryOf(node);
  const [x, d] = node.inputs as [Tensor, Tensor];
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, o, dh, dw] = d.shape as [number, number, number, number];
  const kernel = node.attributes.kernelSize as readonly [number, number];
  const [kh, kw] = kernel;
  const places = dh * dw;

  const low = [padding[0][0], padding[1][0]];
  const span = ([0, 1] as const).map(
    (axis) => dilation[axis] * (kernel[axis] - 1) + strides[axis] * ([dh, dw][axis]! - 1) + 1,
  );
  const high = [Math.max(0, span[0]! - low[0]! - h), Math.max(0, span[1]! - low[1]! - w)];
  let image = emit.op("Transpose", [inputs[0]!], { perm: [0, 2, 3, 1] });
  if ([...low, ...high].some((p) => p > 0))
    image = emit.op("Pad", [image, emit.ints([0, low[0]!, low[1]!, 0, 0, high[0]!, high[1]!, 0])]);

  /** The numbers that one tap sees, [N, P, C]. */
  const slice = (tap: number): string => {
    const start = [dilation[0] * Math.floor(tap / kw), dilation[1] * (tap % kw)];
    const end = ([0, 1] as const).map((axis) => start[axis]! + strides[axis] * ([dh, dw][axis]! - 1) + 1);
    const seen = emit.op("Slice", [
      image,
      emit.ints(start),
      emit.ints(end),
      emit.ints([1, 2]),
      emit.ints(strides),
    ]);
    return emit.op("Reshape", [seen, emit.ints([n, places, c])]);
  };

  const taps = Array.from({ length: kh * kw }, (_, tap) => tap);
  const together = Math.max(1, Math.min(taps.length, Math.floor(largestMatrix / (n * places * c))));
  const groups = groupsOf(n, o * together * c);
  const rows = (n / groups) * places;
  const gradients = groupedGradients(emit, inputs[1]!, [n, o, places], groups);

  const products: string[] = [];
  for (let first = 0; first < taps.length; first += together) {
    const slices = taps.slice(first, first + together).map(slice);
    const columns = slices.length * c;
    const joined = slices.length === 1 ? slices[0]! : emit.op("Concat", slices, { axis: 2 });
    const matrix = emit.op("Reshape", [joined, emit.ints([groups, rows, columns])]);
    const product = emit.op("MatMul", [gradients, matrix]);
    products.push(emit.op("ReduceSum", [product, emit.ints([0])], { keepdims: 0 }));
  }
  const all = products.length === 1 ? products[0]! : emit.op("Concat", products, { axis: 1 });
  const ordered = emit.op("Reshape", [all, emit.ints([o, kh, kw, c])]);
  return emit.op("Transpose", [ordered], { perm: [0, 3, 1, 2] });
}

/** d [N, O, P] as [groups, O, N / groups · P]. */
function groupedGradients(
  emit: Emitter,
  d: string,
  [n, o, places]: readonly [number, number, number],
  groups: number,
): string {
  const each = n / groups;
  if (each === 1) return emit.op("Reshape", [d, emit.ints([n, o, places])]);
  const grouped = emit.op("Reshape", [d, emit.ints([groups, each, o, places])]);
  const turned = emit.op("Transpose", [grouped], { perm: [0, 2, 1, 3] });
  return emit.op("Reshape", [turned, emit.ints([groups, o, each * places])]);
}
