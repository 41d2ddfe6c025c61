/**
 * For tests: random graphs on feature maps, of the operators that networks and their gradients are
 * made of. Every move makes a map of the same shape from maps made before it, so that moves can
 * follow one another in any order; values stay of order 1.
 */
import fc from "fast-check";
import { gradients } from "../autodiff.ts";
import * as g from "../operations/index.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Inputs, positives, seeds } from "./samples.ts";

/** Shape of the maps: [N, C, S, S], S even. */
export interface MapShape {
  readonly n: number;
  readonly c: number;
  readonly side: number;
}

type Small = Readonly<
  Record<"channel" | "sample" | "scalar" | "kernel1" | "kernel3" | "kernel4" | "kernel5" | "bias", Tensor>
>;
type Move = (a: Tensor, b: Tensor, small: Small) => Tensor;

const half = (x: Tensor): Tensor => g.mul(x, 0.5);
const all = (x: Tensor): readonly number[] => x.shape.map(() => 0);
const map = (x: Tensor): readonly [number, number] => [x.shape[2]!, x.shape[3]!];
const same = { padding: 1 } as const;
const geometry3 = g.convGeometry(same);
const geometry1 = g.convGeometry({});
const down: g.ConvOptions = { stride: 2, padding: 1 };
// What "same" means for a 5 × 5 kernel of stride 2 on even maps.
const down5: g.ConvOptions = {
  stride: 2,
  padding: [
    [1, 2],
    [1, 2],
  ],
};

/** Moves by name, so that a counterexample can be read. */
export const MOVES: Readonly<Record<string, Move>> = {
  add: (a, b) => half(g.add(a, b)),
  addSame: (a) => half(g.add(a, a)),
  residual: (a, b, s) => half(g.add(g.conv2d(a, s.kernel3, s.bias, same), b)),
  sub: (a, b) => half(g.sub(a, b)),
  // Far from where tanh is flat: 1 − y² loses its digits there.
  mul: (a, b) => g.mul(a, g.tanh(g.mul(b, 0.25))),
  maximum: (a, b) => g.maximum(a, b),
  neg: (a) => g.neg(a),
  negNeg: (a) => g.neg(g.neg(a)),
  zeroAndOne: (a) => g.div(g.mul(g.add(a, 0), 1), 1),
  onesFromBroadcast: (a) => g.mul(a, g.full(a.shape, 1)),
  halves: (a) => g.mul(g.mul(a, 0.5), 2),
  relu: (a) => g.relu(a),
  leakyRelu: (a) => g.leakyRelu(a, 0.2),
  sigmoid: (a) => g.sigmoid(g.mul(a, 0.25)),
  channelScale: (a, _, s) => g.mul(a, s.channel),
  channelShift: (a, _, s) => half(g.add(s.channel, a)),
  channelUnshift: (a, _, s) => half(g.sub(a, s.channel)),
  unshiftFrom: (a, _, s) => half(g.sub(s.channel, a)),
  sampleScale: (a, _, s) => g.mul(a, s.sample),
  scalarScale: (a, _, s) => g.mul(g.reshape(s.scalar, [1, 1, 1, 1]), a),
  divided: (a, _, s) => half(g.div(a, s.channel)),
  broadcastFirst: (a, _, s) => g.mul(g.broadcastTo(s.channel, a.shape), a),
  conv3: (a, _, s) => g.conv2d(a, s.kernel3, s.bias, same),
  conv3relu: (a, _, s) => g.relu(g.conv2d(a, s.kernel3, undefined, same)),
  conv3leaky: (a, _, s) => g.leakyRelu(g.conv2d(a, s.kernel3, s.bias, same), 0.1),
  // Every channel by itself, by a kernel of which each is a group's.
  groupedConv: (a, _, s) => g.groupedConv2d(a, g.sliceAxis(s.kernel3, 1, 0, 1), a.shape[1]!, same),
  // Two channels to a group where that divides them.
  groupedPairs: (a, _, s) => {
    const each = a.shape[1]! % 2 === 0 ? 2 : 1;
    return g.groupedConv2d(a, g.sliceAxis(s.kernel3, 1, 0, each), a.shape[1]! / each, same);
  },
  conv1: (a, _, s) => g.conv2d(a, s.kernel1, undefined),
  convBack3: (a, _, s) => g.convInput(a, s.kernel3, geometry3, map(a)),
  convBack1: (a, _, s) => g.convInput(a, s.kernel1, geometry1, map(a), s.bias),
  stridedAndBack: (a, _, s) =>
    g.convInput(g.conv2d(a, s.kernel3, s.bias, down), s.kernel3, g.convGeometry(down), map(a)),
  strided4AndBack: (a, _, s) =>
    g.convInput(
      g.leakyRelu(g.conv2d(a, s.kernel4, s.bias, down), 0.1),
      s.kernel4,
      g.convGeometry(down),
      map(a),
      s.bias,
    ),
  strided5AndBack: (a, _, s) =>
    g.convInput(g.conv2d(a, s.kernel5, s.bias, down5), s.kernel5, g.convGeometry(down5), map(a), s.bias),
  scaledConv: (a, _, s) => g.mul(g.conv2d(g.mul(a, 0.25), s.kernel3, s.bias, same), 2),
  poolAfterConv: (a, _, s) =>
    g.upsampleNearest(g.mul(g.sumPool(g.conv2d(a, s.kernel3, s.bias, same), 2), 0.25), 2),
  convAfterUp: (a, _, s) =>
    g.conv2d(g.upsampleNearest(g.mul(g.sumPool(a, 2), 0.25), 2), s.kernel3, s.bias, same),
  convAfterZeros: (a, _, s) =>
    g.conv2d(
      g.pad(g.slice(a, all(a), a.shape, [1, 1, 2, 2]), all(a), [0, 0, 1, 1], [0, 0, 1, 1]),
      s.kernel3,
      s.bias,
      same,
    ),
  bilinear: (a) => g.upsampleBilinear(g.mul(g.sumPool(a, 2), 0.25)),
  bilinearAdjoint: (a) => g.upsampleNearest(g.mul(g.upsampleBilinearAdjoint(a), 0.25), 2),
  // A kernel made of two maps: convWeight meets maps in whatever form they are.
  weightGradient: (a, b, s) => {
    const kernel = g.convWeight(a, b, geometry3, [3, 3]);
    return g.conv2d(a, g.mul(g.add(kernel, s.kernel3), 1 / (sizeOf(a.shape) / a.shape[1]!)), undefined, same);
  },
  standardize: (a, _, s) => {
    const centered = g.sub(a, g.mean(a, [0, 2, 3], true));
    const variance = g.mean(g.mul(centered, centered), [0, 2, 3], true);
    return half(g.mul(g.div(centered, g.sqrt(g.add(variance, 0.5))), s.channel));
  },
  standardizeImage: (a) => {
    const centered = g.sub(a, g.mean(a, [1, 2, 3], true));
    const variance = g.mean(g.mul(centered, centered), [1, 2, 3], true);
    return half(g.div(centered, g.sqrt(g.add(variance, 0.5))));
  },
  sumOfDeviations: (a) => g.add(a, g.sum(g.sub(a, g.mean(a, [0, 2, 3], true)), [0, 2, 3], true)),
  spatialMean: (a, b) => half(g.add(g.mean(a, [2, 3], true), b)),
  factorOutOfSum: (a, b, s) => half(g.add(b, g.mean(g.mul(a, s.channel), [0, 2, 3], true))),
  turn90: (a) => g.reverse(g.transpose(a, [0, 1, 3, 2]), [2]),
  turn180: (a) => g.reverse(g.reverse(a, [2]), [3]),
  turnBack: (a) => g.transpose(g.reverse(a, [2]), [0, 1, 3, 2]),
  halvesOfBatch: (a, b) => {
    const cut = (t: Tensor, from: number, to: number): Tensor => g.sliceAxis(t, 0, from, to);
    const middle = Math.ceil(a.shape[0]! / 2);
    return middle === a.shape[0] ? a : g.concat([cut(a, middle, a.shape[0]!), cut(b, 0, middle)], 0);
  },
  sliceOfTurned: (a) => {
    const [n, c, h, w] = a.shape as [number, number, number, number];
    const turned = g.reverse(g.transpose(a, [0, 1, 3, 2]), [2, 3]);
    const cut = g.slice(turned, [0, 0, 1, 0], [n, c, w, h], [1, 1, 2, 1]);
    return g.pad(cut, all(a), [0, 0, w - cut.shape[2]!, 0]);
  },
  reshapes: (a) => g.reshape(g.reshape(a, [-1]), a.shape),
  channelsSwapped: (a) => g.reverse(a, [1]),
};

/** One random graph: which moves, each with two operands counted back from the newest map. */
export interface Plan {
  readonly shape: MapShape;
  readonly moves: readonly (readonly [name: string, back1: number, back2: number])[];
  readonly seed: number;
}

/** Random plans over maps of `shape`. */
export const plans = (shape: fc.Arbitrary<MapShape>, maxMoves: number): fc.Arbitrary<Plan> =>
  fc.record({
    shape,
    moves: fc.array(fc.tuple(fc.constantFrom(...Object.keys(MOVES)), fc.nat(3), fc.nat(3)), {
      minLength: 1,
      maxLength: maxMoves,
    }),
    seed: seeds,
  });

/**
 * Build a plan: its last two maps and the gradients of a function of them by everything it started
 * from.
 */
export function build(plan: Plan): { inputs: Inputs; results: Record<string, Tensor> } {
  const { n, c, side } = plan.shape;
  const inputs = new Inputs(plan.seed);
  const pool = [inputs.tensor([n, c, side, side]), inputs.tensor([n, c, side, side])];
  const scaled = (shape: readonly number[]): Tensor =>
    inputs.tensor(shape, (s, count) => {
      const size = 1.5 / Math.sqrt(sizeOf(shape.slice(1)));
      return Float32Array.from({ length: count }, () => size * (2 * s.uniform() - 1));
    });
  const small: Small = {
    channel: inputs.tensor([1, c, 1, 1], positives),
    sample: inputs.tensor([n, c, 1, 1]),
    scalar: inputs.tensor([]),
    kernel1: scaled([c, c, 1, 1]),
    kernel3: scaled([c, c, 3, 3]),
    kernel4: scaled([c, c, 4, 4]),
    kernel5: scaled([c, c, 5, 5]),
    bias: inputs.tensor([c]),
  };
  const variables = [...pool, ...Object.values(small)];
  for (const [name, i, j] of plan.moves) {
    const back = (count: number): Tensor => pool.at(-1 - (count % pool.length))!;
    pool.push(MOVES[name]!(back(i), back(j), small));
  }
  const [last, other] = [pool.at(-1)!, pool.at(-2)!];
  const seed = inputs.tensor(last.shape);
  const found = gradients(g.sum(g.mul(g.add(g.tanh(g.mul(last, 0.25)), g.mul(other, 0.1)), seed)), variables);
  return {
    inputs,
    results: { last, other, ...Object.fromEntries(found.map((t, i) => [`gradient${i}`, t])) },
  };
}
