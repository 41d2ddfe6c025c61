/** Sums and resampling of feature maps. */

import { type Lowering, type MapValue, unaryPostOp, unsupported } from "../context.node.ts";
import type { Plan } from "../dnnl.node.ts";
import type { Memory } from "../memory.ts";
import { ARGUMENT, type MemoryDescriptor } from "../vocabulary.ts";

/** Sums by matrix products with ones: one pass over the map, added up in float32. */
const sum: Lowering = (c, i) => {
  const x = c.node(i).inputs[0]!;
  if (!c.hasMap(x)) return false;
  const [n, channels, h, w] = c.node(x).shape as [number, number, number, number];
  const axes = (c.node(i).attributes.axes as readonly number[]).join();
  const value = c.map(x);
  const result = c.floatBuffer(c.size(i));
  const { dnnl, type } = c;
  const ones = (length: number): Memory =>
    c.constant(`ones ${length}`, (type === "bf16" ? 2 : 4) * length, (memory) => {
      if (type === "bf16") new Uint16Array(memory).fill(BF16_ONE);
      else new Float32Array(memory).fill(1);
    });
  const view = (shape: readonly number[]): MemoryDescriptor => dnnl.descriptor(shape, type);
  const multiply = (a: MapValue, b: MapValue, shape: readonly number[]): Plan | undefined => {
    const out = c.plainMemory(result, shape);
    const plan = dnnl.product(c.disposables, [a.descriptor, b.descriptor, out.descriptor]);
    if (plan)
      c.execute(
        "sum",
        plan,
        [
          [ARGUMENT.source, a],
          [ARGUMENT.weights, b],
        ],
        [[ARGUMENT.result, out]],
      );
    return plan;
  };
  const row = (length: number, shape: readonly number[]): MapValue => ({
    buffer: ones(length),
    descriptor: view(shape),
  });
  const own = (shape: readonly number[]): MapValue => ({ buffer: value.buffer, descriptor: view(shape) });
  const places = h * w;
  const done =
    axes === "0,2,3"
      ? multiply(row(n * places, [1, n * places]), own([n * places, channels]), [1, channels])
      : axes === "2,3"
        ? multiply(row(n * places, [n, 1, places]), own([n, places, channels]), [n, 1, channels])
        : axes === "1,2,3"
          ? multiply(own([n, channels * places]), row(channels * places, [channels * places, 1]), [n, 1])
          : axes === "0,1,2,3"
            ? multiply(own([1, c.size(x)]), row(c.size(x), [c.size(x), 1]), [1, 1])
            : undefined;
  if (!done) return false;
  c.setPlain(i, result);
  return true;
};
const BF16_ONE = 0x3f80;

const sumPool: Lowering = (c, i) => {
  const { inputs, shape, attributes } = c.node(i);
  const k = attributes.window as number;
  const x = c.map(inputs[0]!);
  const y = c.memory(c.mapDescriptor(shape));
  const postOps = [unaryPostOp("linear", k * k, 0)];
  const plan = c.dnnl.pool(c.disposables, [x.descriptor, y.descriptor], [k, k], postOps);
  if (!plan) return false;
  c.execute("pool", plan, [[ARGUMENT.source, x]], [[ARGUMENT.result, y]]);
  c.setMap(i, y);
  return true;
};

const upsampleNearest: Lowering = (c, i) => {
  const { inputs, shape, attributes } = c.node(i);
  const k = attributes.factor as number;
  const x = c.map(inputs[0]!);
  const y = c.memory(c.mapDescriptor(shape));
  const plan = c.dnnl.poolGradient(c.disposables, [y.descriptor, x.descriptor], [k, k]);
  const scale = c.dnnl.unary(c.disposables, y.descriptor, "linear", [k * k, 0]);
  if (!plan || !scale) return false;
  // Pooling divides by the size of the window.
  c.execute("repeat", plan, [[ARGUMENT.resultGradient, x]], [[ARGUMENT.sourceGradient, y]]);
  const scaled = c.memory(y.descriptor);
  c.execute("scale", scale, [[ARGUMENT.source, y]], [[ARGUMENT.result, scaled]], y);
  c.setMap(i, scaled);
  return true;
};

const upsampleBilinear: Lowering = (c, i) => {
  const x = c.map(c.node(i).inputs[0]!);
  const y = c.memory(c.mapDescriptor(c.node(i).shape));
  const plan = c.dnnl.bilinearUpsample(c.disposables, [x.descriptor, y.descriptor]);
  if (!plan) throw unsupported("oneDNN has no fast bilinear bilinearUpsample.");
  c.execute("bilinear", plan, [[ARGUMENT.source, x]], [[ARGUMENT.result, y]]);
  c.setMap(i, y);
  return true;
};

const upsampleBilinearAdjoint: Lowering = (c, i) => {
  const dy = c.map(c.node(i).inputs[0]!);
  const dx = c.memory(c.mapDescriptor(c.node(i).shape));
  const plan = c.dnnl.bilinearUpsampleGradient(c.disposables, [dx.descriptor, dy.descriptor]);
  if (!plan) throw unsupported("oneDNN has no fast adjoint of bilinear bilinearUpsample.");
  c.execute("bilinear adjoint", plan, [[ARGUMENT.resultGradient, dy]], [[ARGUMENT.sourceGradient, dx]]);
  c.setMap(i, dx);
  return true;
};

export const RESAMPLING: Readonly<Record<string, Lowering>> = {
  sum,
  sumPool,
  upsampleNearest,
  upsampleBilinear,
  upsampleBilinearAdjoint,
};
