/**
 * Programs that train and test the feature network: one step of stochastic gradient descent with
 * Nesterov momentum, and a pass with running statistics.
 */
import {
  add,
  argmax,
  cast,
  compile,
  constant,
  equal,
  type GraphDefinition,
  gradients,
  input,
  logSoftmax,
  mean,
  mul,
  neg,
  type Outputs,
  sub,
  substitute,
  sum,
  type Target,
  type Tensor,
  transpose,
} from "../../src/graph/index.ts";
import type { Program } from "../../src/graph/program.ts";
import { CIFAR10_CLASSES, resnet20 } from "../../src/metrics/features/resnet20.ts";
import { type NetworkTrace, traceNetwork } from "../../src/nn/scope.ts";
import { flatSize, initialize, layOut, layoutOf, pack, unpack } from "../../src/objectives/flat.ts";
import type { NetworkLayout } from "../../src/objectives/steps.ts";

/** Constants of the optimizer. */
export interface Descent {
  readonly momentum: number;
  /** Of kernels only: normalizations and biases are left alone. */
  readonly weightDecay: number;
}

const CLASSES = CIFAR10_CLASSES.length;

interface Batch {
  readonly feeds: Readonly<Record<"images" | "targets", Tensor>>;
  readonly logits: Tensor;
  readonly trace: NetworkTrace;
}

/** Bytes [N, S, S, 3] and one-hot targets [N, 10] through the network. */
function batch(count: number, side: number, training: boolean): Batch {
  const images = input("images", [count, side, side, 3], "uint8");
  const targets = input("targets", [count, CLASSES]);
  const trace = traceNetwork("resnet20", training);
  const planes = cast(transpose(images, [0, 3, 1, 2]), "float32");
  const { logits } = resnet20(trace.scope, planes);
  return { feeds: { images, targets }, logits, trace };
}

/** Mean cross-entropy, [], and the number of images whose first guess is right, []. */
function judge({ logits, feeds }: Batch): { readonly loss: Tensor; readonly right: Tensor } {
  const loss = neg(mean(sum(mul(logSoftmax(logits), feeds.targets), [1])));
  const right = sum(cast(equal(argmax(logits, 1), argmax(feeds.targets, 1)), "float32"));
  return { loss, right };
}

/** State under the names of the network's flat vectors, put in the place of the leaves. */
function bind(trace: NetworkTrace): { reads: Record<string, Tensor>; replacements: Map<Tensor, Tensor> } {
  const parameters = unpack("parameters", trace.parameters);
  const buffers = unpack("buffers", trace.buffers);
  return {
    reads: { parameters: parameters.vector, buffers: buffers.vector },
    replacements: new Map([...parameters.replacements, ...buffers.replacements]),
  };
}

/**
 * One step: v ← μ v + g + λ p, p ← p − η (g + λ p + μ v) (Nesterov momentum as in PyTorch). Feeds
 * `images` uint8 [N, S, S, 3], `targets` float32 [N, 10], `learningRate` []; results `loss` and
 * `right`, both [].
 */
export function trainingStep(count: number, side: number, descent: Descent, target: Target): Program {
  const traced = batch(count, side, true);
  const { loss, right } = judge(traced);
  const { parameters, buffers } = traced.trace;
  const gradient = pack(
    gradients(
      loss,
      parameters.map((p) => p.leaf),
    ),
  );
  const { reads, replacements } = bind(traced.trace);
  const velocity = input("velocity", gradient.shape);
  const learningRate = input("learningRate", []);

  const decay = constant(decayOf(traced.trace, descent.weightDecay), gradient.shape);
  const slope = add(gradient, mul(reads.parameters!, decay));
  const next = add(mul(velocity, descent.momentum), slope);
  const step = mul(add(slope, mul(next, descent.momentum)), learningRate);
  const outputs = substitute(
    {
      loss,
      right,
      parameters: sub(reads.parameters!, step),
      velocity: next,
      buffers: pack(buffers.map((b) => b.current)),
    },
    replacements,
  );
  const { loss: lossOut, right: rightOut, ...writes } = outputs;
  const graph: GraphDefinition = {
    name: `train${side}`,
    feeds: { ...traced.feeds, learningRate },
    reads: { ...reads, velocity },
    results: { loss: lossOut!, right: rightOut! },
    writes: writes as Outputs,
  };
  return compile(graph, target);
}

/** The network with running statistics: feeds `images`, `targets`; results `loss` and `right`. */
export function testStep(count: number, side: number, target: Target): Program {
  const traced = batch(count, side, false);
  const { reads, replacements } = bind(traced.trace);
  const results = substitute(judge(traced), replacements);
  return compile({ name: "test", feeds: traced.feeds, reads, results }, target);
}

/** λ for every element of a kernel, 0 for the rest. */
function decayOf({ parameters }: NetworkTrace, weightDecay: number): Float32Array {
  const slots = layOut(parameters);
  const decay = new Float32Array(flatSize(slots));
  for (const [i, { name, offset }] of slots.entries())
    if (name.endsWith("/kernel")) decay.fill(weightDecay, offset, slots[i + 1]?.offset ?? decay.length);
  return decay;
}

/** Where each tensor lies in the flat vectors of the state. */
export const layouts = (): NetworkLayout => layoutOf(batch(1, 32, true).trace);

/** A fresh network at rest. */
export function initialState(seed: number): Record<string, Float32Array> {
  const { trace } = batch(1, 32, true);
  const parameters = initialize(trace.parameters, seed);
  return {
    parameters,
    velocity: new Float32Array(parameters.length),
    buffers: initialize(trace.buffers, seed),
  };
}
