/**
 * Convolutions and both of their adjoints, with what follows them done in the same pass where
 * oneDNN can.
 */
import { type Context, type Lowering, type MapValue, unaryPostOp, unsupported } from "../context.node.ts";
import type { Plan } from "../dnnl.node.ts";
import { ARGUMENT, type Geometry, type PostOp } from "../vocabulary.ts";

const geometryOf = (c: Context, i: number): Geometry => c.node(i).attributes as unknown as Geometry;

/** What follows a node and can be done while it is stored. */
export interface FusedPostOps {
  /** The node whose value the primitive stores in the end. */
  readonly last: number;
  readonly postOps: readonly PostOp[];
  /** Second operands, in order. */
  readonly operands: readonly MapValue[];
}

/**
 * What is added to a map that nobody else wants, if it is a map and there already, and the ReLU
 * after that.
 */
export function fusablePostOps(c: Context, node: number): FusedPostOps {
  let last = node;
  const postOps: PostOp[] = [];
  const operands: MapValue[] = [];
  let next = c.onlyUser(last);
  if (c.is(next, "add")) {
    const [a, b] = c.node(next).inputs as [number, number];
    const other = a === last ? b : a;
    if (other !== last && c.hasMap(other) && c.size(other) === c.size(node)) {
      postOps.push({ kind: "binary", algorithm: "add", descriptor: c.map(other).descriptor });
      operands.push(c.map(other));
      last = next;
      next = c.onlyUser(last);
    }
  }
  if (c.is(next, "relu", "leakyRelu")) {
    postOps.push(unaryPostOp("relu", (c.node(next).attributes.slope as number | undefined) ?? 0));
    last = next;
  }
  return { last, postOps, operands };
}

const nothing = (node: number): FusedPostOps => ({ last: node, postOps: [], operands: [] });

/** The plan with as much of what follows as it can have. */
export function planWithPostOps(
  c: Context,
  node: number,
  make: (postOps: readonly PostOp[]) => Plan | undefined,
): { readonly plan: Plan | undefined; readonly rest: FusedPostOps } {
  const whole = fusablePostOps(c, node);
  const plan = make(whole.postOps);
  if (plan || whole.postOps.length === 0) return { plan, rest: whole };
  return { plan: make([]), rest: nothing(node) };
}

const operandsOf = ({ operands, postOps }: FusedPostOps) =>
  operands.map(
    (value) => [ARGUMENT.postOp(postOps.findIndex(({ kind }) => kind === "binary")), value] as const,
  );

const vector = (c: Context, i: number): MapValue => c.plainMemory(c.plain(i), [c.size(i)]);

/**
 * The shape in which oneDNN takes a kernel [O, C/g, kh, kw]: of a convolution in groups [g, O/g,
 * C/g, kh, kw], which are the same numbers in the same order.
 */
function kernelShape(c: Context, i: number, shape: readonly number[]): readonly number[] {
  const groups = c.node(i).attributes.groups as number | undefined;
  return groups === undefined ? shape : [groups, shape[0]! / groups, ...shape.slice(1)];
}

const conv2d: Lowering = (c, i) => {
  const { inputs, shape } = c.node(i);
  const [x, w, bias] = inputs as [number, number, number?];
  const form = kernelShape(c, i, c.node(w).shape);
  const [source, kernel] = [c.map(x), c.dnnl.descriptor(form, c.type, "any")];
  const result = c.memory(c.mapDescriptor(shape));
  const added = bias === undefined ? undefined : vector(c, bias);
  const { plan, rest } = planWithPostOps(c, i, (postOps) =>
    c.dnnl.convolution(
      c.disposables,
      [source.descriptor, kernel, added?.descriptor, result.descriptor],
      geometryOf(c, i),
      postOps,
    ),
  );
  if (!plan) throw unsupported(`oneDNN has no fast convolution for [${shape}] (${c.node(i).origin}).`);
  const weights = c.kernel(w, plan.weights!, form);
  c.execute(
    "convolution",
    plan,
    [
      [ARGUMENT.source, source],
      [ARGUMENT.weights, weights],
      ...(added ? [[ARGUMENT.bias, added] as const] : []),
      ...operandsOf(rest),
    ],
    [[ARGUMENT.result, result]],
  );
  c.setMap(rest.last, result);
  return true;
};

/**
 * The bias of a transposed convolution is a pass of its own: oneDNN's deconvolution adds it in a
 * reference loop.
 */
const convInput: Lowering = (c, i) => {
  const { inputs, shape } = c.node(i);
  const [d, w, bias] = inputs as [number, number, number?];
  const form = kernelShape(c, i, c.node(w).shape);
  const [gradient, kernel] = [c.map(d), c.dnnl.descriptor(form, c.type, "any")];
  const result = c.memory(c.mapDescriptor(shape));
  const plan = c.dnnl.convolutionInput(
    c.disposables,
    [result.descriptor, kernel, gradient.descriptor],
    geometryOf(c, i),
  );
  if (!plan)
    throw unsupported(`oneDNN has no fast transposed convolution for [${shape}] (${c.node(i).origin}).`);
  const weights = c.kernel(w, plan.weights!, form);
  c.execute(
    "convolution to input",
    plan,
    [
      [ARGUMENT.resultGradient, gradient],
      [ARGUMENT.weights, weights],
    ],
    [[ARGUMENT.sourceGradient, result]],
  );
  if (bias === undefined) {
    c.setMap(i, result);
    return true;
  }
  const added = c.plainMemory(c.plain(bias), [1, shape[1]!, 1, 1]);
  const { plan: sum, rest } = planWithPostOps(c, i, (postOps) =>
    c.dnnl.binary(c.disposables, [result.descriptor, added.descriptor, result.descriptor], "add", postOps),
  );
  if (!sum) throw unsupported(`oneDNN cannot add a bias to [${shape}].`);
  const biased = c.memory(result.descriptor);
  c.execute(
    "bias",
    sum,
    [[ARGUMENT.source, result], [ARGUMENT.source1, added], ...operandsOf(rest)],
    [[ARGUMENT.result, biased]],
    result,
  );
  c.setMap(rest.last, biased);
  return true;
};

/**
 * The gradient of a kernel, and that of the bias of the same convolution with it: both in float32.
 */
const convWeight: Lowering = (c, i) => {
  const { inputs, shape } = c.node(i);
  const [x, d] = inputs as [number, number];
  const [source, gradient] = [c.map(x), c.map(d)];
  const form = kernelShape(c, i, shape);
  const bias = c.users[d]!.find(
    (user) =>
      c.is(user, "sum") && !c.isDone(user) && (c.node(user).attributes.axes as number[]).join() === "0,2,3",
  );
  const channels = [shape[0]!];
  const biasGradient = bias === undefined ? undefined : c.floatBuffer(shape[0]!);
  const biasMemory = biasGradient && c.plainMemory(biasGradient, channels);
  const plan = c.dnnl.convolutionWeights(
    c.disposables,
    [source.descriptor, c.dnnl.descriptor(form, "f32", "any"), biasMemory?.descriptor, gradient.descriptor],
    c.dnnl.descriptor(form, c.type, "any"),
    geometryOf(c, i),
  );
  if (!plan) throw unsupported(`oneDNN has no fast weight gradient for [${shape}] (${c.node(i).origin}).`);
  const kernel = c.memory(plan.weightsGradient!);
  c.execute(
    "convolution to weights",
    plan,
    [
      [ARGUMENT.source, source],
      [ARGUMENT.resultGradient, gradient],
    ],
    [
      [ARGUMENT.weightsGradient, kernel],
      ...(biasMemory ? [[ARGUMENT.biasGradient, biasMemory] as const] : []),
    ],
  );
  const result = c.floatBuffer(c.size(i));
  c.reorder("kernel gradient", kernel, c.plainMemory(result, form));
  c.setPlain(i, result);
  if (bias !== undefined) c.setPlain(bias, biasGradient!);
  return true;
};

export const CONVOLUTIONS: Readonly<Record<string, Lowering>> = {
  conv2d,
  convInput,
  convWeight,
  groupedConv2d: conv2d,
  groupedConvInput: convInput,
  groupedConvWeight: convWeight,
};
