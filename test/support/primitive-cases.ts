/**
 * The golden cases of every primitive as graphs: the value, its gradients, and the second
 * derivative, that of Σ ⟨gradientᵢ, directionᵢ⟩ by every input and by dy. For any engine, in Node
 * or in a page.
 */
import type { Engine } from "../../src/engine/engine.ts";
import * as g from "../../src/graph/index.ts";
import { batchNormGolden } from "./composites.ts";

export type Values = Float32Array | BigInt64Array | Uint8Array;

interface GoldenTensor {
  readonly shape: number[];
  readonly dtype: g.DType;
  readonly data: number[];
}
/** A golden case as the generator wrote it. */
export interface Case {
  readonly name: string;
  readonly op: string;
  // biome-ignore lint/suspicious/noExplicitAny: attributes of any primitive, as the generator wrote them
  readonly attrs: any;
  readonly inputs: GoldenTensor[];
  readonly output: GoldenTensor;
  readonly dy?: number[];
  readonly gradients?: (number[] | null)[];
  readonly directions?: (number[] | null)[];
  readonly second?: { inputs: (number[] | null)[]; dy: number[] };
}

type Build = (inputs: g.Tensor[], attrs: Case["attrs"]) => g.Tensor;
const mapValues = <A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
const direct: Record<string, (x: g.Tensor) => g.Tensor> = {
  neg: g.neg,
  exp: g.exp,
  log: g.log,
  sqrt: g.sqrt,
  tanh: g.tanh,
  sigmoid: g.sigmoid,
  relu: g.relu,
  abs: g.abs,
  positive: g.positive,
  stopGradient: g.stopGradient,
  softplus: g.softplus,
};
const pairs: Record<string, (a: g.Tensor, b: g.Tensor) => g.Tensor> = {
  add: g.add,
  sub: g.sub,
  mul: g.mul,
  div: g.div,
  maximum: g.maximum,
  minimum: g.minimum,
  greater: g.greater,
  equal: g.equal,
  gather: g.gather,
};
const builders: Record<string, Build> = {
  ...mapValues(
    direct,
    (op): Build =>
      ([x]) =>
        op(x!),
  ),
  ...mapValues(
    pairs,
    (op): Build =>
      ([a, b]) =>
        op(a!, b!),
  ),
  where: ([c, a, b]) => g.where(c!, a!, b!),
  cast: ([x], a) => g.cast(x!, a.dtype),
  sum: ([x], a) => g.sum(x!, a.axes, a.keepDims),
  max: ([x], a) => g.max(x!, a.axes, a.keepDims),
  argmax: ([x], a) => g.argmax(x!, a.axis),
  logSoftmax: ([x], a) => g.logSoftmax(x!, a.axis),
  reshape: ([x], a) => g.reshape(x!, a.shape),
  transpose: ([x], a) => g.transpose(x!, a.permutation),
  broadcastTo: ([x], a) => g.broadcastTo(x!, a.shape),
  slice: ([x], a) => g.slice(x!, a.starts, a.ends, a.strides),
  reverse: ([x], a) => g.reverse(x!, a.axes),
  pad: ([x], a) => g.pad(x!, a.low, a.high, a.interior),
  concat: (parts, a) => g.concat(parts, a.axis),
  scatterAdd: ([v, i], a) => g.scatterAdd(v!, i!, a.rows),
  matmul: ([a, b], at) => g.matmul(a!, b!, at.transposeA, at.transposeB),
  conv2d: ([x, w, bias], a) =>
    g.conv2d(x!, w!, bias, { stride: a.strides, padding: a.padding, dilation: a.dilation }),
  convInput: ([d, w], a) => g.convInput(d!, w!, a, a.inputShape),
  convWeight: ([x, d], a) => g.convWeight(x!, d!, a, a.kernelShape),
  groupedConv2d: ([x, w], a) =>
    g.groupedConv2d(x!, w!, a.groups, { stride: a.strides, padding: a.padding, dilation: a.dilation }),
  groupedConvInput: ([d, w], a) => g.groupedConvInput(d!, w!, a.groups, a, a.inputShape),
  groupedConvWeight: ([x, d], a) => g.groupedConvWeight(x!, d!, a.groups, a, a.kernelShape),
  sumPool: ([x], a) => g.sumPool(x!, a.window),
  upsampleNearest: ([x], a) => g.upsampleNearest(x!, a.factor),
  upsampleBilinear: ([x]) => g.upsampleBilinear(x!),
  batchNorm: ([x, gamma, beta], a) => batchNormGolden(x!, gamma!, beta!, a.epsilon),
};

const toValues = (dtype: g.DType, data: readonly number[]): Values =>
  dtype === "int64"
    ? BigInt64Array.from(data, BigInt)
    : dtype === "float32"
      ? Float32Array.from(data)
      : Uint8Array.from(data);

/** A case ready to be computed. */
export interface BuiltCase {
  readonly feeds: ReadonlyMap<g.Tensor, Values>;
  readonly results: Readonly<Record<string, g.Tensor>>;
  readonly expected: Readonly<Record<string, readonly number[]>>;
}

/**
 * Build the graph of a case.
 * @throws Error for an operation without a builder, or a result of another shape than the golden
 * one
 */
export function buildCase(c: Case): BuiltCase {
  const build = builders[c.op];
  if (!build) throw new Error(`no builder for ${c.op}`);
  const inputs = c.inputs.map((t, i) => g.input(`x${i}`, t.shape, t.dtype));
  const feeds = new Map<g.Tensor, Values>(inputs.map((t, i) => [t, toValues(t.dtype, c.inputs[i]!.data)]));
  const y = build(inputs, c.attrs);
  if (y.shape.join() !== c.output.shape.join())
    throw new Error(`${c.name}: [${y.shape}] instead of [${c.output.shape}]`);
  const results: Record<string, g.Tensor> = { y };
  const expected: Record<string, readonly number[]> = { y: c.output.data };

  if (c.dy && c.gradients && c.directions && c.second) {
    const dy = g.input("dy", y.shape);
    feeds.set(dy, Float32Array.from(c.dy));
    const variables = inputs.filter((_, i) => c.gradients![i] != null);
    const kept = inputs.flatMap((_, i) => (c.gradients![i] != null ? [i] : []));
    const first = g.gradients(y, variables, dy);
    let total: g.Tensor = g.constant(0);
    for (const [k, i] of kept.entries()) {
      const direction = g.input(`v${i}`, inputs[i]!.shape);
      feeds.set(direction, Float32Array.from(c.directions[i]!));
      results[`gradient${i}`] = first[k]!;
      expected[`gradient${i}`] = c.gradients[i]!;
      total = g.add(total, g.sum(g.mul(first[k]!, direction)));
    }
    const second = g.gradients(total, [...variables, dy]);
    for (const [k, i] of kept.entries()) {
      results[`second${i}`] = second[k]!;
      expected[`second${i}`] = c.second.inputs[i]!;
    }
    results.secondDy = second.at(-1)!;
    expected.secondDy = c.second.dy;
  }
  return { feeds, results, expected };
}

/** Cases of the same operation together, for engines that take long to load a program. */
export const byOperation = (cases: readonly Case[]): [string, Case[]][] =>
  [...new Set(cases.map(({ op }) => op))].map((op) => [op, cases.filter((c) => c.op === op)]);

/** What came out for one result of a case, and what should have. */
export interface Computed {
  /** Case and result. */
  readonly name: string;
  readonly actual: ArrayLike<number | bigint>;
  readonly expected: readonly number[];
}

/** Compute cases on an engine, in one program. */
export async function computeCases(engine: Engine, cases: readonly Case[]): Promise<Computed[]> {
  const feeds: Record<string, g.Tensor> = {};
  const values: Record<string, Values> = {};
  const results: Record<string, g.Tensor> = {};
  const expected: Record<string, Omit<Computed, "actual">> = {};
  for (const [i, c] of cases.entries()) {
    const built = buildCase(c);
    for (const [tensor, value] of built.feeds) {
      const name = `${i}:${String(tensor.attributes.name)}`;
      feeds[name] = tensor;
      values[name] = value;
    }
    for (const [key, tensor] of Object.entries(built.results)) {
      results[`${i}:${key}`] = tensor;
      expected[`${i}:${key}`] = { name: `${c.name}: ${key}`, expected: built.expected[key]! };
    }
  }
  const executable = await engine.compile(g.compile({ name: cases[0]!.op, feeds, results }, engine.target));
  const actual = await executable.run(values);
  await executable.release();
  return Object.entries(expected).map(([key, rest]) => ({ ...rest, actual: actual[key]! }));
}
