/**
 * Moves feature maps into the blocked layout of ONNX Runtime's direct convolutions (operations/blocked.ts) and keeps them there: a
 * convolution makes packed maps; elementwise operators stay packed, as they do not care; per-channel scales and shifts become
 * depthwise 1 × 1 convolutions with fused ReLU; sums over space become pooling; residual sums and ReLUs go into the convolution
 * before them. What cannot be packed gets its operands unpacked.
 */
import {
  asBlockedConv,
  type BlockedConv,
  blockedConv,
  blockedSpatialMean,
  pack,
  unpack,
} from "../operations/blocked.ts";
import { blockedConvWeight } from "../operations/blocked-weight.ts";
import {
  broadcastTo,
  type ConvGeometry,
  constant,
  flippedPadding,
  geometryOf,
  mul,
  neg,
  pad,
  reshape,
  sum,
} from "../operations/index.ts";
import { sameShape } from "../shape.ts";
import { type Tensor, topologicalOrder, withOriginOf } from "../tensor.ts";
import { blockKernel, interleave, phaseKernels, turn } from "./block-kernels.ts";
import { type Outputs, withInputs } from "./rewrite.ts";

type Pair = readonly [number, number];
const UNIT: ConvGeometry = {
  strides: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  dilation: [1, 1],
};
const ELEMENTWISE = new Set([
  "neg",
  "exp",
  "log",
  "sqrt",
  "tanh",
  "sigmoid",
  "relu",
  "abs",
  "positive",
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "stopGradient",
]);

/** Rewrite for blocks of `block` channels. */
export function blockLayout(outputs: Outputs, block: number): Record<string, Tensor> {
  const pass = new LayoutPass(outputs, block);
  return pass.run();
}

class LayoutPass {
  readonly outputs: Outputs;
  readonly block: number;
  /** New nodes in plain layout, and packed ones, for each old node; at least one of the two. */
  readonly #plain = new Map<Tensor, Tensor>();
  readonly #packed = new Map<Tensor, Tensor>();
  readonly #uses = new Map<Tensor, number>();

  constructor(outputs: Outputs, block: number) {
    this.outputs = outputs;
    this.block = block;
  }

  run(): Record<string, Tensor> {
    const order = topologicalOrder(Object.values(this.outputs));
    for (const node of [...order.flatMap((n) => n.inputs), ...Object.values(this.outputs)])
      this.#uses.set(node, (this.#uses.get(node) ?? 0) + 1);
    for (const node of order) {
      withOriginOf(node, () => {
        const packed = this.#pack(node);
        if (packed) this.#packed.set(node, packed);
        else if (!this.#plain.has(node))
          this.#plain.set(
            node,
            withInputs(
              node,
              node.inputs.map((t) => this.#plainOf(t)),
            ),
          );
      });
    }
    return Object.fromEntries(
      Object.entries(this.outputs).map(([name, node]) => [name, this.#plainOf(node)]),
    );
  }

  #plainOf(node: Tensor): Tensor {
    let plain = this.#plain.get(node);
    if (!plain) {
      plain = unpack(this.#packed.get(node)!, node.shape[1]!);
      this.#plain.set(node, plain);
    }
    return plain;
  }

  #packedOf(node: Tensor): Tensor {
    let packed = this.#packed.get(node);
    if (!packed) {
      packed = pack(this.#plain.get(node)!);
      this.#packed.set(node, packed);
    }
    return packed;
  }

  #isBlockable(channels: number): boolean {
    return channels % this.block === 0;
  }

  /** The packed form of a node; `undefined` if it stays plain (or was put into #plain here). */
  #pack(node: Tensor): Tensor | undefined {
    switch (node.primitive.name) {
      case "conv2d":
        return this.#convolve(node, node.inputs[0]!, this.#plainOf(node.inputs[1]!), geometryOf(node));
      case "convInput":
        return this.#convolveBack(node);
      case "convWeight":
        return this.#convolveWeight(node);
      case "sum":
        return this.#sum(node);
      case "concat":
      case "slice":
        return this.#alongBatch(node);
      default:
        return ELEMENTWISE.has(node.primitive.name) ? this.#elementwise(node) : undefined;
    }
  }

  /** x convolved with the plain kernel w: packed result; if the outputs are few, a plain one, put aside. */
  #convolve(node: Tensor, x: Tensor, w: Tensor, geometry: ConvGeometry, turned = false): Tensor | undefined {
    const [o, i] = (turned ? [w.shape[1], w.shape[0]] : w.shape) as [number, number];
    const bias = node.inputs[2] && this.#plainOf(node.inputs[2]);
    if (!(this.#isBlockable(i) || (i < this.block && this.#isBlockable(o)))) return undefined;
    const source = i < this.block ? this.#plainOf(x) : this.#packedOf(x);
    const kernel = blockKernel(w, this.block, turned);
    const filled = kernel.shape[0]!;
    const shape = [node.shape[0]!, filled, node.shape[2]!, node.shape[3]!];
    const result = blockedConv(
      { x: source, w: kernel, bias: bias && pad(bias, [0], [filled - o]), geometry, groups: 1, relu: false },
      shape,
    );
    if (filled === o) return result;
    this.#plain.set(node, unpack(result, o));
    return undefined;
  }

  #convolveBack(node: Tensor): Tensor | undefined {
    const [d, oldKernel] = node.inputs as [Tensor, Tensor];
    const w = this.#plainOf(oldKernel);
    const geometry = geometryOf(node);
    const padding = flippedPadding(geometry, [w.shape[2]!, w.shape[3]!]);
    if (padding) return this.#convolve(node, d, w, { ...geometry, padding }, true);
    const [o, c] = w.shape as [number, number];
    const f = geometry.strides[0];
    const regular =
      geometry.strides[1] === f &&
      geometry.dilation.every((n) => n === 1) &&
      node.shape.slice(2).every((n) => n % f === 0);
    if (!regular || !this.#isBlockable(o)) return undefined;
    const phases = phaseKernels(w, geometry, f);
    if (!phases) return undefined;
    const small = [node.shape[0]!, c, node.shape[2]! / f, node.shape[3]! / f];
    const bias = node.inputs[2] && this.#plainOf(node.inputs[2]);
    const source = this.#packedOf(d);
    const results = phases.map((row) =>
      row.map(({ kernel, low }) => {
        const blocked = blockKernel(kernel, this.block, true);
        // The far padding is what makes the phase image full size.
        const high = ([0, 1] as const).map(
          (axis) => small[2 + axis]! - 1 + kernel.shape[2 + axis]! - low[axis] - d.shape[2 + axis]!,
        ) as [number, number];
        const padding = [
          [low[0], high[0]],
          [low[1], high[1]],
        ] as const;
        if (padding.flat().some((n) => n < 0))
          throw new Error(`convInput: phase padding ${padding} is negative`);
        const shape = [small[0]!, blocked.shape[0]!, small[2]!, small[3]!];
        return blockedConv(
          {
            x: source,
            w: blocked,
            bias: bias && pad(bias, [0], [blocked.shape[0]! - c]),
            geometry: { ...UNIT, padding },
            groups: 1,
            relu: false,
          },
          shape,
        );
      }),
    );
    const joined = interleave(results, this.block);
    if (this.#isBlockable(c)) return joined;
    this.#plain.set(node, unpack(joined, c));
    return undefined;
  }

  #convolveWeight(node: Tensor): undefined {
    const [x, d] = node.inputs as [Tensor, Tensor];
    if (!this.#packed.has(x) && !this.#packed.has(d)) return undefined;
    const operand = (t: Tensor) => ({
      tensor: this.#packed.get(t) ?? this.#plainOf(t),
      packed: this.#packed.has(t),
    });
    const geometry = geometryOf(node);
    const kernel = node.attributes.kernelSize as Pair;
    // The operand with few channels should be the image, whose columns are written out; for stride 1 the roles may be changed.
    const padding = flippedPadding(geometry, kernel);
    const result =
      d.shape[1]! < this.block && padding
        ? turn(blockedConvWeight(operand(d), operand(x), { ...geometry, padding }, kernel, this.block))
        : blockedConvWeight(operand(x), operand(d), geometry, kernel, this.block);
    this.#plain.set(node, result);
    return undefined;
  }

  /** Sums over space are pooling; [N, C] is the same in both layouts. */
  #sum(node: Tensor): undefined {
    const x = node.inputs[0]!;
    const axes = (node.attributes.axes as readonly number[]).join();
    if (!this.#packed.has(x) || !(axes === "2,3" || axes === "0,2,3")) return undefined;
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const means = reshape(blockedSpatialMean(this.#packedOf(x)), [n, c]);
    const total = mul(axes === "2,3" ? means : sum(means, [0]), h * w);
    this.#plain.set(node, reshape(total, node.shape));
    return undefined;
  }

  #alongBatch(node: Tensor): Tensor | undefined {
    if (!node.inputs.some((t) => this.#packed.has(t)) || node.shape.length !== 4) return undefined;
    const alongBatch =
      node.primitive.name === "concat"
        ? node.attributes.axis === 0
        : sameShape(node.shape.slice(1), node.inputs[0]!.shape.slice(1));
    return alongBatch
      ? withInputs(
          node,
          node.inputs.map((t) => this.#packedOf(t)),
        )
      : undefined;
  }

  #elementwise(node: Tensor): Tensor | undefined {
    if (!node.inputs.some((t) => this.#packed.has(t) && sameShape(t.shape, node.shape))) return undefined;
    return this.#fuse(node) ?? this.#affine(node) ?? this.#broadcast(node);
  }

  /** ReLU and residual sums go into the convolution that made their operand, if nobody else wants it. */
  #fuse(node: Tensor): Tensor | undefined {
    const conv = (t: Tensor): BlockedConv | undefined => {
      const packed = this.#packed.get(t);
      const found = packed && this.#uses.get(t) === 1 ? asBlockedConv(packed) : undefined;
      return found && !found.relu ? found : undefined;
    };
    if (node.primitive.name === "relu") {
      const inner = conv(node.inputs[0]!);
      return inner && blockedConv({ ...inner, relu: true }, node.shape);
    }
    if (node.primitive.name !== "add" || !node.inputs.every((t) => sameShape(t.shape, node.shape)))
      return undefined;
    for (const [i, j] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const inner = conv(node.inputs[i]!);
      if (inner && !inner.sum && node.inputs[i] !== node.inputs[j])
        return blockedConv({ ...inner, sum: this.#packedOf(node.inputs[j]!) }, node.shape);
    }
    return undefined;
  }

  /** x · a + b with one a and b a channel: a depthwise 1 × 1 convolution, in one pass. */
  #affine(node: Tensor): Tensor | undefined {
    const { name } = node.primitive;
    const c = node.shape[1]!;
    const [p, q] = node.inputs as [Tensor, Tensor | undefined];
    if (!q) return undefined;
    const perChannel = (t: Tensor): boolean => t.shape.length === 4 && sameShape(t.shape, [1, c, 1, 1]);
    const [x, v] = perChannel(q)
      ? [p, q]
      : perChannel(p) && (name === "add" || name === "mul")
        ? [q, p]
        : [undefined, undefined];
    if (!x || !v || !sameShape(x.shape, node.shape) || !["add", "sub", "mul"].includes(name))
      return undefined;
    const operand = this.#plainOf(v);
    const vector = reshape(operand, [c]);
    if (name === "mul")
      return blockedConv(
        { x: this.#packedOf(x), w: reshape(operand, [c, 1, 1, 1]), geometry: UNIT, groups: c, relu: false },
        node.shape,
      );
    const shift = name === "sub" ? neg(vector) : vector;
    const inner = this.#uses.get(x) === 1 ? asBlockedConv(this.#packedOf(x)) : undefined;
    if (inner && !inner.bias && !inner.relu) return blockedConv({ ...inner, bias: shift }, node.shape);
    const ones = broadcastTo(constant(1), [c, 1, 1, 1]);
    return blockedConv(
      { x: this.#packedOf(x), w: ones, bias: shift, geometry: UNIT, groups: c, relu: false },
      node.shape,
    );
  }

  /** Any other elementwise operator: operands of the full shape packed, smaller ones seen in the shape of the blocks. */
  #broadcast(node: Tensor): Tensor | undefined {
    const { block } = this;
    const [, c = 0, h = 0, w = 0] = node.shape;
    const full = (t: Tensor): boolean => sameShape(t.shape, node.shape);
    const scalar = (t: Tensor): boolean => t.shape.every((n) => n === 1);
    const small = (t: Tensor): boolean =>
      t.shape.length === 4 && t.shape[1] === c && t.shape[2] === 1 && t.shape[3] === 1;
    if (!node.inputs.every((t) => full(t) || scalar(t) || small(t))) return undefined;
    if (node.inputs.every((t) => full(t) || scalar(t)))
      return withInputs(
        node,
        node.inputs.map((t) => (full(t) ? this.#packedOf(t) : reshape(this.#plainOf(t), []))),
      );
    const view = (t: Tensor): Tensor =>
      full(t)
        ? reshape(this.#packedOf(t), [node.shape[0]!, c / block, h, w, block])
        : scalar(t)
          ? reshape(this.#plainOf(t), [])
          : reshape(this.#plainOf(t), [t.shape[0]!, c / block, 1, 1, block]);
    const shape = [node.shape[0]!, c / block, h, w, block];
    return reshape({ ...withInputs(node, node.inputs.map(view)), shape }, node.shape);
  }
}
