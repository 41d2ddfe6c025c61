import fc from "fast-check";
import { expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import { type Shape, sizeOf, substitute } from "../graph/index.ts";
import { evaluate } from "../graph/testing/evaluate.ts";
import { normal } from "../nn/initializers.ts";
import { traceNetwork } from "../nn/scope.ts";
import { flatSize, initialize, layOut, pack, unpack } from "./flat.ts";

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const owning = (shapes: readonly Shape[]) => {
  const trace = traceNetwork("net", true);
  for (const [i, each] of shapes.entries())
    trace.scope.child(`layer${i}`).parameter("kernel", each, normal(1));
  return trace.parameters;
};

it("lays tensors one after another without gaps, in the order of first use", () => {
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 6 }), (shapes) => {
      const slots = layOut(owning(shapes));
      let end = 0;
      for (const [i, slot] of slots.entries()) {
        expect(slot).toEqual({ name: `net/layer${i}/kernel`, shape: shapes[i], offset: end });
        end += sizeOf(slot.shape);
      }
      expect(flatSize(slots)).toBe(end);
    }),
  );
});

it("cuts out of the flat vector what joining puts in, row by row", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 4 }), async (shapes) => {
      const owned = owning(shapes);
      const { vector, replacements } = unpack("net/parameters", owned);
      const values = Float32Array.from({ length: flatSize(layOut(owned)) }, (_, i) => i);
      const { joined } = substitute({ joined: pack(owned.map(({ leaf }) => leaf)) }, replacements);
      const parts = substitute(Object.fromEntries(owned.map(({ name, leaf }) => [name, leaf])), replacements);
      const out = await evaluate({ joined: joined!, ...parts }, new Map([[vector, values]]));
      expect(out.joined).toEqual(values);
      for (const { name, shape: each, offset } of layOut(owned))
        expect(out[name], name).toEqual(values.slice(offset, offset + sizeOf(each)));
    }),
    { numRuns: 10 },
  );
});

it("begins every tensor from a stream of its own, so that other layers do not disturb it", () => {
  const [one, two] = [owning([[3, 4], [5]]), owning([[2, 2], [5]])];
  const [first, second] = [initialize(one, 7), initialize(two, 7)];
  expect(first.slice(12)).toEqual(second.slice(4));
  expect(first.slice(0, 12)).toEqual(normal(1)([3, 4], randomStream(7, "initialise net/layer0/kernel")));
  expect(initialize(one, 8)).not.toEqual(first);
  expect(initialize(one, 7)).toEqual(first);
});
