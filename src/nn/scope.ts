/**
 * Scopes name what a network owns. A layer is a function `(scope, x, …) → tensor`; what it needs
 * (parameters, which the optimizer changes; buffers, which the forward pass itself changes: running
 * statistics, spectral-norm vectors) it asks its scope for, by name. The first request creates,
 * later ones give the same tensor back, so a network may be applied twice in one graph.
 */
import type { RandomStream } from "../base/random.ts";
import { input, type Shape, type Tensor } from "../graph/index.ts";

/** First values of a tensor of the given shape. */
export type Initializer = (shape: Shape, random: RandomStream) => Float32Array;

/** A named place in a network. */
export interface Scope {
  /** `generator/block1/conv1` */
  readonly path: string;
  /**
   * Statistics of the batch and updates of buffers (training), or stored statistics and no updates
   * (inference).
   */
  readonly training: boolean;
  /**
   * The share of their old values that running statistics keep in this graph, scalar; undefined:
   * what each layer keeps in training.
   */
  readonly runningMomentum: Tensor | undefined;
  child(name: string): Scope;
  /** A trainable tensor. */
  parameter(name: string, shape: Shape, initialize: Initializer): Tensor;
  /** A tensor the forward pass carries from step to step; its newest value in this graph. */
  buffer(name: string, shape: Shape, initialize: Initializer): Tensor;
  /** Give a buffer its next value. */
  update(name: string, value: Tensor): void;
}

/** One owned tensor. */
export interface Owned {
  /** Full path, `generator/block1/conv1/kernel`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initialize: Initializer;
  /** The value at the start of the step: an `input` node. */
  readonly leaf: Tensor;
  /** The value at the end of the step (buffers that were updated; else the leaf). */
  current: Tensor;
}

/** What a network turned out to own once it was traced, in order of first use. */
export interface NetworkTrace {
  readonly scope: Scope;
  readonly parameters: readonly Owned[];
  readonly buffers: readonly Owned[];
}

/** Begin to trace a network called `name`. `runningMomentum`: see `Scope`. */
export function traceNetwork(name: string, training: boolean, runningMomentum?: Tensor): NetworkTrace {
  const parameters = new Map<string, Owned>();
  const buffers = new Map<string, Owned>();

  const own = (table: Map<string, Owned>, path: string, shape: Shape, initialize: Initializer): Owned => {
    const known = table.get(path);
    if (known) {
      if (known.shape.join() !== shape.join())
        throw new Error(`${path} is used with two shapes: [${known.shape}] and [${shape}]`);
      return known;
    }
    const leaf = input(path, shape);
    const owned = { name: path, shape, initialize, leaf, current: leaf };
    table.set(path, owned);
    return owned;
  };

  const scopeAt = (path: string): Scope => ({
    path,
    training,
    runningMomentum,
    child: (child) => scopeAt(`${path}/${child}`),
    parameter: (child, shape, initialize) => own(parameters, `${path}/${child}`, shape, initialize).leaf,
    buffer: (child, shape, initialize) => own(buffers, `${path}/${child}`, shape, initialize).current,
    update: (child, value) => {
      const owned = buffers.get(`${path}/${child}`);
      if (!owned) throw new Error(`${path}/${child}: updated before it was asked for`);
      if (training) owned.current = value;
    },
  });

  return {
    scope: scopeAt(name),
    get parameters() {
      return [...parameters.values()];
    },
    get buffers() {
      return [...buffers.values()];
    },
  };
}
