/**
 * From a traced step to the program that carries it out: differentiate by the trained network's
 * parameters, add its optimizer, put the flat state vectors in the place of the networks' leaves,
 * compile. With gradient accumulation there are two: one that only adds to the network's gradient,
 * for all micro-batches but the last, and the updating one, which adds its own and leaves zeros
 * behind.
 */
import {
  add,
  compile,
  full,
  gradients,
  input,
  mul,
  sub,
  type Target,
  type Tensor,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import type { NetworkTrace, Owned } from "../../nn/scope.ts";
import { pack, tie, unpack } from "../flat.ts";
import type { StepSettings } from "../settings.ts";
import { adamUpdate } from "./adam.ts";
import type { StepFeeds } from "./draws.ts";
import { type FrozenSettings, frozenParameters } from "./frozen.ts";
import { forTarget } from "./step-for-target.ts";

/** A step as symbolic tensors. */
export interface TracedStep {
  readonly name: string;
  readonly feeds: StepFeeds;
  /** Scalars. */
  readonly results: Readonly<Record<string, Tensor>>;
  /** What the trained network minimizes, scalar. */
  readonly loss: Tensor;
  readonly trained: NetworkTrace;
  readonly other: NetworkTrace;
}

/** What an update is made of: the optimizer, micro-batches, and which blocks are frozen. */
export interface UpdateSettings extends FrozenSettings {
  readonly optimizer: StepSettings["optimizer"];
  readonly training: Pick<StepSettings["training"], "accumulate">;
}

/** The program that updates the trained network. */
export function updateProgram(traced: TracedStep, settings: UpdateSettings, target: Target): Program {
  const step = forTarget(traced, target);
  const network = step.trained.scope.path;
  const borders = tieNetworks(step, (owned) => owned.current);
  const own = gradientOf(step, settings);
  const { accumulate } = settings.training;
  const before = accumulate > 1 ? input(`${network}/gradient`, own.shape) : undefined;
  const gradient = before ? add(before, own) : own;
  const feeds: Record<string, Tensor> = { ...step.feeds.tensors, learningRate: input("learningRate", []) };
  const moments = { m: input("m", gradient.shape), v: input("v", gradient.shape) };
  const parameters = borders.reads[`${network}/parameters`]!;
  const { beta1, beta2End = null } = settings.optimizer;
  if (beta2End !== null) feeds.beta2 = input("beta2", []);
  const decays = { beta1, beta2: feeds.beta2 ?? settings.optimizer.beta2 };
  const next = adamUpdate({ parameters, ...moments }, gradient, feeds.learningRate!, decays);

  const reads: Record<string, Tensor> = {
    ...borders.reads,
    [`${network}/adam/v`]: moments.v,
    ...(settings.optimizer.beta1 !== 0 && { [`${network}/adam/m`]: moments.m }),
    ...(before && { [`${network}/gradient`]: before }),
  };
  const writes: Record<string, Tensor> = {
    ...borders.writes,
    [`${network}/parameters`]: next.parameters,
    [`${network}/adam/m`]: next.m,
    [`${network}/adam/v`]: next.v,
    ...(before && { [`${network}/gradient`]: full(before.shape, 0) }),
  };
  if (network === "generator") {
    const emaDecay = input("emaDecay", []);
    feeds.emaDecay = emaDecay;
    const ema = input("generator/ema", gradient.shape);
    reads["generator/ema"] = ema;
    // In this form a decay of 0 copies the parameters exactly.
    writes["generator/ema"] = add(mul(ema, emaDecay), mul(next.parameters, sub(1, emaDecay)));
  }
  const outputs = tie({ results: step.results, writes }, borders.replacements);
  return compile({ name: step.name, feeds, reads, ...outputs, trains: true }, target);
}

/**
 * The program for a micro-batch that is not the last: adds a share of its gradient to
 * `NET/gradient`. Running statistics see every micro-batch; the vectors of spectral normalization
 * stay, so that all micro-batches of an update, like one batch, go through the very same network.
 */
export function accumulatingProgram(traced: TracedStep, settings: UpdateSettings, target: Target): Program {
  const step = forTarget(traced, target);
  const name = `${step.trained.scope.path}/gradient`;
  const { reads, writes, replacements } = tieNetworks(step, withoutPowerIteration);
  const own = gradientOf(step, settings);
  const before = input(name, own.shape);
  const outputs = tie(
    { results: step.results, writes: { ...writes, [name]: add(before, own) } },
    replacements,
  );
  return compile(
    {
      name: `${step.name} (accumulating)`,
      feeds: step.feeds.tensors,
      reads: { ...reads, [name]: before },
      ...outputs,
      trains: true,
    },
    target,
  );
}

/** What a buffer becomes when power iterations are held: they are the only buffers called `u`. */
export const withoutPowerIteration = ({ name, leaf, current }: Owned): Tensor =>
  name.endsWith("/u") ? leaf : current;

/**
 * The gradient of a micro-batch as its share of the update's, flat [P]. That of a frozen parameter
 * is 0 from the first step on, and so are Adam's moments of it, so that it stays as it is to the
 * last bit.
 */
function gradientOf({ loss, trained }: TracedStep, settings: UpdateSettings): Tensor {
  const frozen = trained.scope.path === "discriminator" ? frozenParameters(settings) : new Set<string>();
  const learning = trained.parameters.filter(({ name }) => !frozen.has(name));
  const found = gradients(
    loss,
    learning.map(({ leaf }) => leaf),
  );
  const byName = new Map(learning.map(({ name }, i) => [name, found[i]!]));
  const gradient = pack(trained.parameters.map(({ name, shape }) => byName.get(name) ?? full(shape, 0)));
  const { accumulate } = settings.training;
  return accumulate > 1 ? mul(gradient, 1 / accumulate) : gradient;
}

interface NetworkBorders {
  readonly reads: Record<string, Tensor>;
  readonly writes: Record<string, Tensor>;
  readonly replacements: readonly ReadonlyMap<Tensor, Tensor>[];
}

/** Both networks' parameters and buffers as flat state; buffers are written as `next` says. */
function tieNetworks({ trained, other }: TracedStep, next: (owned: Owned) => Tensor): NetworkBorders {
  const reads: Record<string, Tensor> = {};
  const writes: Record<string, Tensor> = {};
  const replacements: ReadonlyMap<Tensor, Tensor>[] = [];
  const read = (name: string, owned: readonly Owned[]): void => {
    const packed = unpack(name, owned);
    replacements.push(packed.replacements);
    reads[name] = packed.vector;
  };
  for (const { scope, parameters } of [trained, other]) read(`${scope.path}/parameters`, parameters);
  for (const { scope, buffers } of [trained, other]) {
    if (buffers.length === 0) continue;
    read(`${scope.path}/buffers`, buffers);
    writes[`${scope.path}/buffers`] = pack(buffers.map(next));
  }
  return { reads, writes, replacements };
}
