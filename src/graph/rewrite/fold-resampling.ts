/**
 * Resampling next to a convolution is folded into its kernel, so that no enlarged or not yet
 * reduced map is ever computed.
 *
 * Let Down be summing f × f patches (or keeping every f-th value) and Up its adjoint, repeating
 * values (or putting zeros between). Applying Down to a stride-1 convolution gives a stride-f
 * convolution whose kernel K(w) is the sum of the f × f shifted copies of w (or w itself):
 *
 *     Down(conv(x, w)) = conv_f(x, K(w))                                                              (1)
 *
 * and, by taking adjoints of the linear maps on both sides toward x and toward w,
 *
 *     convInput(Up(d), w) = convInput_f(d, K(w))          convWeight(x, Up(d)) = Kᵀ(convWeight_f(x, d))    (2, 3)
 *
 * A stride-1 convolution with padding p is also the input gradient of the convolution with the
 * turned kernel w~ (flipped, channels swapped) and padding p~ = k − 1 − p, so ⟨conv(x, w), d⟩ =
 * ⟨conv(d, w~), x⟩, and the same three identities cover Down(convInput(d, w)), conv(Up(x), w) and
 * convWeight(Up(x), d). For 3 × 3 kernels and f = 2 that is 2.25 times fewer multiplications for
 * patches and 4 times fewer for zero insertion.
 */
import {
  asOptions,
  type ConvGeometry,
  constant,
  conv2d,
  convInput,
  convWeight,
  flippedPadding,
  geometryOf,
  matmul,
  mul,
  reshape,
  turnKernel,
} from "../operations/index.ts";
import type { Tensor } from "../tensor.ts";
import type { Rule } from "./rewrite.ts";

type Pair = readonly [number, number];

/** Resampling by `factor`; `patch`: sums/repetition, else strided slice/zero insertion. */
interface Resampling {
  readonly x: Tensor;
  readonly factor: number;
  readonly patch: boolean;
}

/** x of Up(x), if the node is one. */
function asUp(node: Tensor): Resampling | undefined {
  const [x] = node.inputs;
  if (node.primitive.name === "upsampleNearest")
    return { x: x!, factor: node.attributes.factor as number, patch: true };
  if (node.primitive.name !== "pad" || node.shape.length !== 4) return undefined;
  const [low, high, interior] = ["low", "high", "interior"].map(
    (k) => node.attributes[k] as readonly number[],
  ) as [number[], number[], number[]];
  const gap = interior[2]!;
  const matches =
    gap > 0 &&
    low.every((n) => n === 0) &&
    [high, interior].every((v) => v[0] === 0 && v[1] === 0 && v[2] === gap && v[3] === gap);
  return matches ? { x: x!, factor: gap + 1, patch: false } : undefined;
}

/** x of Down(x), if the node is one. */
function asDown(node: Tensor): Resampling | undefined {
  const [x] = node.inputs;
  if (node.primitive.name === "sumPool")
    return { x: x!, factor: node.attributes.window as number, patch: true };
  if (node.primitive.name !== "slice" || node.shape.length !== 4) return undefined;
  const [starts, strides] = ["starts", "strides"].map((k) => node.attributes[k] as readonly number[]) as [
    number[],
    number[],
  ];
  const f = strides[2]!;
  const matches =
    f > 1 &&
    strides.join() === `1,1,${f},${f}` &&
    starts.every((n) => n === 0) &&
    node.shape.every((n, i) => n * strides[i]! === x!.shape[i]);
  return matches ? { x: x!, factor: f, patch: false } : undefined;
}

const isPlain = (g: ConvGeometry): boolean => [...g.strides, ...g.dilation].every((n) => n === 1);
const kernelOf = (w: Tensor): Pair => [w.shape[2]!, w.shape[3]!];
const widen = ([kh, kw]: Pair, r: Resampling): Pair =>
  r.patch ? [kh + r.factor - 1, kw + r.factor - 1] : [kh, kw];
const strided = (g: ConvGeometry, r: Resampling): ConvGeometry => ({ ...g, strides: [r.factor, r.factor] });

/**
 * The 0/1 matrix of K on flattened kernels: [kh·kw, (kh+f−1)·(kw+f−1)], a one for every shift that
 * moves one tap to another.
 */
function shiftMatrix([kh, kw]: Pair, f: number): Tensor {
  const wide = kw + f - 1;
  const columns = (kh + f - 1) * wide;
  const values = new Float32Array(kh * kw * columns);
  for (let a = 0; a < kh; a++)
    for (let b = 0; b < kw; b++)
      for (let i = 0; i < f; i++)
        for (let j = 0; j < f; j++) values[(a * kw + b) * columns + (a + i) * wide + b + j] = 1;
  return constant(values, [kh * kw, columns]);
}

/** K(w). */
function fold(w: Tensor, r: Resampling): Tensor {
  if (!r.patch) return w;
  const [o, c, kh, kw] = w.shape as [number, number, number, number];
  const [wh, ww] = widen([kh, kw], r);
  return reshape(matmul(reshape(w, [o * c, kh * kw]), shiftMatrix([kh, kw], r.factor)), [o, c, wh, ww]);
}

/** Kᵀ of a kernel gradient, back to `kernel`. */
function unfold(dw: Tensor, kernel: Pair, r: Resampling): Tensor {
  if (!r.patch) return dw;
  const [o, c, wh, ww] = dw.shape as [number, number, number, number];
  const folded = matmul(reshape(dw, [o * c, wh * ww]), shiftMatrix(kernel, r.factor), false, true);
  return reshape(folded, [o, c, ...kernel]);
}

/** The rule; stride-1 convolutions without dilation only, which is where networks resample. */
export const foldResampling: Rule = (node, uses) => {
  const name = node.primitive.name;
  if (name === "conv2d" || name === "convInput" || name === "convWeight")
    return isPlain(geometryOf(node)) ? foldUp(node) : undefined;
  return foldDown(node, uses);
};

function foldDown(node: Tensor, uses: (t: Tensor) => number): Tensor | undefined {
  const down = asDown(node);
  if (!down || uses(down.x) !== 1) return undefined;
  const producer = down.x;
  if (!["conv2d", "convInput"].includes(producer.primitive.name) || !isPlain(geometryOf(producer)))
    return undefined;
  const [x, w, bias] = producer.inputs as [Tensor, Tensor, Tensor | undefined];
  const g = geometryOf(producer);
  const summedBias = bias && (down.patch ? mul(bias, down.factor ** 2) : bias);
  if (producer.primitive.name === "conv2d") {
    return conv2d(x, fold(w, down), summedBias, { ...asOptions(strided(g, down)) });
  }
  const padding = flippedPadding(g, kernelOf(w));
  return (
    padding && conv2d(x, fold(turnKernel(w), down), summedBias, asOptions(strided({ ...g, padding }, down)))
  );
}

function foldUp(node: Tensor): Tensor | undefined {
  const g = geometryOf(node);
  const [a, b, bias] = node.inputs as [Tensor, Tensor, Tensor | undefined];
  const size = [node.shape[2]!, node.shape[3]!] as const;
  if (node.primitive.name === "convWeight") {
    const kernel = node.attributes.kernelSize as Pair;
    const upD = asUp(b);
    if (upD) return unfold(convWeight(a, upD.x, strided(g, upD), widen(kernel, upD)), kernel, upD);
    const upX = asUp(a);
    const padding = upX && flippedPadding(g, kernel);
    return (
      upX &&
      padding &&
      turnKernel(
        unfold(convWeight(b, upX.x, strided({ ...g, padding }, upX), widen(kernel, upX)), kernel, upX),
      )
    );
  }
  const up = asUp(a);
  if (!up) return undefined;
  if (node.primitive.name === "convInput") return convInput(up.x, fold(b, up), strided(g, up), size, bias);
  const padding = flippedPadding(g, kernelOf(b));
  return padding && convInput(up.x, fold(turnKernel(b), up), strided({ ...g, padding }, up), size, bias);
}
