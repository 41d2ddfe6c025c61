/**
 * A network's parameters live in one flat vector (and its buffers in another): one tensor in and
 * out of the engine, a whole optimizer in a few elementwise nodes, and a checkpoint that is a
 * memory copy.
 */

import { randomStream } from "../base/random.ts";
import { concat, input, reshape, sizeOf, slice, substitute, type Tensor } from "../graph/index.ts";
import type { Initializer, NetworkTrace, Owned } from "../nn/scope.ts";
import type { NetworkLayout, Slot } from "./steps.ts";

/** A flat vector standing for several tensors. */
export interface Packed {
  /** The vector, an `input` node [P]. */
  readonly vector: Tensor;
  /** What to put in the place of each tensor's leaf. */
  readonly replacements: ReadonlyMap<Tensor, Tensor>;
}

/** Where each tensor lies. */
export function layOut(owned: readonly Owned[]): Slot[] {
  let offset = 0;
  return owned.map(({ name, shape }) => {
    const slot = { name, shape, offset };
    offset += sizeOf(shape);
    return slot;
  });
}

/** The layout of a traced network. */
export const layoutOf = (trace: NetworkTrace): NetworkLayout => ({
  parameters: layOut(trace.parameters),
  buffers: layOut(trace.buffers),
});

/** Number of elements of the flat vector. */
export const flatSize = (slots: readonly Slot[]): number =>
  slots.reduce((total, slot) => total + sizeOf(slot.shape), 0);

/** Cut the tensors out of one flat input. */
export function unpack(name: string, owned: readonly Owned[]): Packed {
  const slots = layOut(owned);
  const vector = input(name, [flatSize(slots)]);
  const replacements = new Map(
    owned.map(({ leaf }, i) => {
      const { offset, shape } = slots[i]!;
      return [leaf, reshape(slice(vector, [offset], [offset + sizeOf(shape)]), shape)];
    }),
  );
  return { vector, replacements };
}

/**
 * A network's flat parameters and, where it has any, buffers as inputs by name, and what to put in
 * the place of its leaves.
 * @param buffers the state entry that stands for the buffers
 */
export function networkState(
  { scope, ...trace }: NetworkTrace,
  buffers = `${scope.path}/buffers`,
): { readonly reads: Record<string, Tensor>; readonly replacements: ReadonlyMap<Tensor, Tensor> } {
  const owned: Record<string, readonly Owned[]> = { [`${scope.path}/parameters`]: trace.parameters };
  if (trace.buffers.length > 0) owned[buffers] = trace.buffers;
  const packed = Object.entries(owned).map(([name, tensors]) => [name, unpack(name, tensors)] as const);
  return {
    reads: Object.fromEntries(packed.map(([name, { vector }]) => [name, vector])),
    replacements: new Map(packed.flatMap(([, { replacements }]) => [...replacements])),
  };
}

/** Join tensors into a flat vector. */
export const pack = (tensors: readonly Tensor[]): Tensor =>
  concat(
    tensors.map((t) => reshape(t, [sizeOf(t.shape)])),
    0,
  );

/** What a program gives back. */
export interface TiedOutputs {
  readonly results: Record<string, Tensor>;
  readonly writes: Record<string, Tensor>;
}

/** Put the cut-out flat vectors in the place of the networks' leaves. */
export function tie(
  outputs: {
    readonly results: Readonly<Record<string, Tensor>>;
    readonly writes: Readonly<Record<string, Tensor>>;
  },
  replacements: readonly ReadonlyMap<Tensor, Tensor>[],
): TiedOutputs {
  const all = new Map(replacements.flatMap((map) => [...map]));
  const named = [
    ...Object.entries(outputs.results).map(([k, v]) => [`r:${k}`, v]),
    ...Object.entries(outputs.writes).map(([k, v]) => [`w:${k}`, v]),
  ];
  const tied = substitute(Object.fromEntries(named) as Record<string, Tensor>, all);
  const part = (prefix: string, names: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, tied[`${prefix}:${name}`]!]));
  return { results: part("r", outputs.results), writes: part("w", outputs.writes) };
}

/**
 * First values of a flat vector; every tensor has a random stream of its own, so that layers do not
 * disturb each other.
 * @param instead what begins a tensor in the place of its own initializer, by name
 */
export function initialize(
  owned: readonly Owned[],
  seed: number,
  instead: (name: string) => Initializer | undefined = () => undefined,
): Float32Array {
  const slots = layOut(owned);
  const flat = new Float32Array(flatSize(slots));
  // The words are part of the stream's name: in another spelling the weights would be others.
  for (const [i, { name, shape, initialize: first }] of owned.entries())
    flat.set((instead(name) ?? first)(shape, randomStream(seed, `initialise ${name}`)), slots[i]!.offset);
  return flat;
}
