/**
 * A size that is known only when the model runs. Graphs have fixed shapes; ONNX does not need them.
 * The same graph is lowered for two different sizes, and whatever differs between the two models
 * depends on the size: sizes at the border become a name, targets of Reshape −1 ("as many as there
 * are"). Anything else that differs, say a mean over the batch, cannot be left open, and is
 * refused.
 */
import type { OnnxBinding, OnnxInitializer, OnnxModel } from "./model.ts";

/** A model lowered for one size. */
export interface SizedModel {
  readonly size: number;
  readonly model: OnnxModel;
}

/**
 * One model for every size out of the models for two. Take sizes that are large primes, so that no
 * other size is a multiple of one.
 * @param dimension the size's name at the border, for example `batch`
 * @throws Error naming the first part that depends on the size in another way than a shape
 */
export function withSymbolicSize(a: SizedModel, b: SizedModel, dimension: string): OnnxModel {
  const refuse = (what: string): never => {
    throw new Error(
      `${a.model.name}: ${what} depends on the size of "${dimension}", which is to be left open`,
    );
  };
  const same = (x: unknown, y: unknown): boolean => JSON.stringify(x) === JSON.stringify(y);

  if (a.model.nodes.length !== b.model.nodes.length) refuse("the number of operators");
  for (const [i, node] of a.model.nodes.entries())
    if (!same(node, b.model.nodes[i])) refuse(`operator ${node.name}`);
  if (a.model.initializers.length !== b.model.initializers.length) refuse("the number of constants");

  const onlyReshapes = (name: string): boolean =>
    a.model.nodes.every((node) =>
      node.inputs.every((input, place) => input !== name || (node.type === "Reshape" && place === 1)),
    );
  const initializers = a.model.initializers.map((x, i): OnnxInitializer => {
    const y = b.model.initializers[i]!;
    if (x.name !== y.name || x.dtype !== y.dtype || !same(x.shape, y.shape)) refuse(`constant ${x.name}`);
    const different = differences(x.data, y.data);
    if (different.length === 0) return x;
    const [place] = different as [number];
    const isSize =
      x.data instanceof BigInt64Array &&
      y.data instanceof BigInt64Array &&
      different.length === 1 &&
      !x.data.includes(-1n) &&
      x.data[place]! * BigInt(b.size) === y.data[place]! * BigInt(a.size);
    if (!isSize || !onlyReshapes(x.name)) refuse(`constant ${x.name}`);
    return { ...x, data: (x.data as BigInt64Array).with(place, -1n) };
  });

  const border = (left: readonly OnnxBinding[], right: readonly OnnxBinding[]): OnnxBinding[] =>
    left.map((x, i) => {
      const shape = x.shape.map((n, axis) => {
        const other = right[i]?.shape[axis];
        if (n === other) return n;
        return n === a.size && other === b.size ? dimension : refuse(`the shape of ${x.name}`);
      });
      return { ...x, shape };
    });
  return {
    ...a.model,
    initializers,
    inputs: border(a.model.inputs, b.model.inputs),
    outputs: border(a.model.outputs, b.model.outputs),
  };
}

/** Where two arrays of one length differ: the first few places. */
function differences(a: OnnxInitializer["data"], b: OnnxInitializer["data"]): number[] {
  const places: number[] = [];
  for (let i = 0; i < a.length && places.length < 2; i++) if (!Object.is(a[i], b[i])) places.push(i);
  return places;
}
