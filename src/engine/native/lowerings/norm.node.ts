/**
 * Batch normalization as one primitive in each direction, with its ReLU and that one's gradient
 * inside where nothing else wants them.
 */
import { type Argument, type Context, type Lowering, type MapValue, unsupported } from "../context.node.ts";
import type { Plan } from "../dnnl.node.ts";
import type { Memory } from "../memory.ts";
import { ARGUMENT } from "../vocabulary.ts";

/** What the forward pass leaves for the backward pass. */
interface Forward {
  readonly plan: Plan;
  readonly x: MapValue;
  readonly mean: Memory;
  readonly variance: Memory;
  readonly scale: MapValue;
  readonly shift: MapValue;
  readonly workspace: MapValue | undefined;
  /** The ReLU that is part of it. */
  readonly relu: number | undefined;
}

const forwards = new WeakMap<Context, Map<number, Forward>>();
const forwardsOf = (c: Context): Map<number, Forward> => {
  const known = forwards.get(c) ?? new Map<number, Forward>();
  forwards.set(c, known);
  return known;
};

const GRADIENTS = ["batchNormGradX", "batchNormGradGamma", "batchNormGradBeta"] as const;

/** Gradient nodes of the normalization `i`. */
function gradientsOf(c: Context, i: number): number[] {
  const [x, gamma, beta] = c.node(i).inputs as [number, number, number];
  return c.users[x]!.filter((user, place, all) => {
    const [x2, gamma2, beta2] = c.node(user).inputs;
    return (
      c.is(user, ...GRADIENTS) &&
      all.indexOf(user) === place &&
      x2 === x &&
      gamma2 === gamma &&
      beta2 === beta
    );
  });
}

/** d of a node d · positive(y). */
export function throughMask(c: Context, node: number, y: number): number | undefined {
  if (!c.is(node, "mul")) return undefined;
  const [a, b] = c.node(node).inputs as [number, number];
  for (const [mask, d] of [
    [a, b],
    [b, a],
  ] as const)
    if (c.is(mask, "positive") && c.node(mask).inputs[0] === y && c.size(d) === c.size(node)) return d;
  return undefined;
}

/**
 * The ReLU after a normalization, if all gradients come back through it and nothing else reads what
 * was normalized.
 */
function fusedRelu(c: Context, i: number): number | undefined {
  const relu = c.onlyUser(i);
  if (!c.is(relu, "relu")) return undefined;
  const gradients = gradientsOf(c, i);
  const fits = gradients.every((gradient) => {
    const dy = c.node(gradient).inputs[3]!;
    return (
      throughMask(c, dy, relu) !== undefined &&
      c.users[dy]!.every((user) => gradients.includes(user)) &&
      !c.isOutput(dy)
    );
  });
  return fits ? relu : undefined;
}

/** Whether a node is the masked gradient that a normalization takes apart by itself. */
export function belongsToNorm(c: Context, node: number): boolean {
  const users = c.users[node]!;
  return (
    users.length > 0 &&
    users.every((user) => {
      if (!c.is(user, ...GRADIENTS)) return false;
      const forward = forwardFor(c, user);
      return forward?.relu !== undefined && throughMask(c, node, forward.relu) !== undefined;
    })
  );
}

/** The forward pass that a gradient node belongs to. */
function forwardFor(c: Context, gradient: number): Forward | undefined {
  const [x, gamma, beta] = c.node(gradient).inputs;
  const norm = c.users[x!]!.find((user) => {
    const [, gamma2, beta2] = c.node(user).inputs;
    return c.is(user, "batchNorm") && gamma2 === gamma && beta2 === beta;
  });
  return norm === undefined ? undefined : forwardsOf(c).get(norm);
}

const batchNorm: Lowering = (c, i) => {
  const { inputs, attributes } = c.node(i);
  const [x, gamma, beta] = inputs as [number, number, number];
  const source = c.map(x);
  const relu = fusedRelu(c, i);
  const plan = c.dnnl.batchNorm(
    c.disposables,
    source.descriptor,
    attributes.epsilon as number,
    relu !== undefined,
  );
  if (!plan) throw unsupported(`oneDNN has no fast batch normalization (${c.node(i).origin}).`);
  const channels = c.node(x).shape[1]!;
  const vector = (memory: Memory): MapValue => c.plainMemory(memory, [channels]);
  const [scale, shift] = [vector(c.plain(gamma)), vector(c.plain(beta))];
  const [mean, variance] = [c.floatBuffer(channels), c.floatBuffer(channels)];
  const result = c.memory(source.descriptor);
  const workspace = plan.workspace === undefined ? undefined : c.memory(plan.workspace);
  c.execute(
    "batch norm",
    plan,
    [
      [ARGUMENT.source, source],
      [ARGUMENT.scale, scale],
      [ARGUMENT.shift, shift],
    ],
    [
      [ARGUMENT.result, result],
      [ARGUMENT.mean, vector(mean)],
      [ARGUMENT.variance, vector(variance)],
      ...(workspace ? [[ARGUMENT.workspace, workspace] as const] : []),
    ],
  );
  forwardsOf(c).set(i, { plan, x: source, mean, variance, scale, shift, workspace, relu });
  c.setMap(relu ?? i, result);
  for (const user of c.users[x]!)
    if (c.is(user, "batchMean", "batchVariance") && !c.hasPlain(user))
      c.setPlain(user, c.is(user, "batchMean") ? mean : variance);
  return true;
};

/** Statistics come with the normalization; they are asked for by running averages only. */
const statistic: Lowering = (c, i) => {
  const x = c.node(i).inputs[0]!;
  const norm = c.users[x]!.find((user) => c.is(user, "batchNorm"));
  if (norm === undefined) throw new Error(`Statistics without a normalization (${c.node(i).origin}).`);
  // Set by the normalization when its turn comes.
  c.defer(i, () => undefined);
  return true;
};

/** All gradients of a normalization in one pass. */
const gradient: Lowering = (c, i) => {
  const { inputs, attributes } = c.node(i);
  const [x, gamma, beta, dy] = inputs as [number, number, number, number];
  const forward = forwardFor(c, i);
  if (!forward) throw new Error(`A gradient without its normalization (${c.node(i).origin}).`);
  const inner = forward.relu === undefined ? undefined : throughMask(c, dy, forward.relu);
  const given = c.map(inner ?? dy);
  const { descriptor } = forward.x;
  const plan = c.dnnl.batchNormGradient(
    c.disposables,
    descriptor,
    attributes.epsilon as number,
    forward.relu !== undefined,
    forward.plan,
  );
  if (!plan) throw unsupported(`oneDNN has no fast gradient of batch normalization (${c.node(i).origin}).`);
  const channels = c.node(x).shape[1]!;
  const vector = (memory: Memory): MapValue => c.plainMemory(memory, [channels]);
  const result = c.memory(descriptor);
  const [scale, shift] = [c.floatBuffer(channels), c.floatBuffer(channels)];
  const operands: Argument[] = [
    [ARGUMENT.source, forward.x],
    [ARGUMENT.resultGradient, given],
    [ARGUMENT.mean, vector(forward.mean)],
    [ARGUMENT.variance, vector(forward.variance)],
    [ARGUMENT.scale, forward.scale],
    ...(c.dnnl.calls.gradientTakesShift ? [[ARGUMENT.shift, forward.shift] as const] : []),
  ];
  if (forward.workspace) operands.push([ARGUMENT.workspace, forward.workspace]);
  c.execute(
    "batch norm gradient",
    plan,
    operands,
    [
      [ARGUMENT.sourceGradient, result],
      [ARGUMENT.scaleGradient, vector(scale)],
      [ARGUMENT.shiftGradient, vector(shift)],
    ],
    given,
  );
  for (const user of c.users[dy]!) {
    const [x2, gamma2, beta2] = c.node(user).inputs;
    if (!c.is(user, ...GRADIENTS) || x2 !== x || gamma2 !== gamma || beta2 !== beta) continue;
    if (c.is(user, "batchNormGradX")) c.setMap(user, result);
    else c.setPlain(user, c.is(user, "batchNormGradGamma") ? scale : shift);
  }
  return true;
};

export const NORMS: Readonly<Record<string, Lowering>> = {
  batchNorm,
  batchMean: statistic,
  batchVariance: statistic,
  ...Object.fromEntries(GRADIENTS.map((name) => [name, gradient])),
};
