/** Gradients of operators that broadcast, against loops over elements. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { gradients } from "../autodiff.ts";
import { broadcastShapes, type Shape, sizeOf, stridesOf } from "../shape.ts";
import { broadcastable, check, expectSame, Inputs, seeds } from "../testing/samples.ts";
import * as g from "./index.ts";

/** Which element of a tensor of shape `from` is seen at each place of shape `to`. */
function places(from: Shape, to: Shape): number[] {
  const strides = stridesOf(to);
  const own = stridesOf(from);
  return Array.from({ length: sizeOf(to) }, (_, flat) =>
    from.reduce((index, n, i) => {
      const axis = i + to.length - from.length;
      return index + ((Math.floor(flat / strides[axis]!) % to[axis]!) % n) * own[i]!;
    }, 0),
  );
}

it("a · b + a / b − max(a, b), for shapes that broadcast in any way", () =>
  check(fc.tuple(broadcastable(2), seeds), 40, async ([[shapeA, shapeB], seed]) => {
    const inputs = new Inputs(seed);
    const a = inputs.tensor(shapeA!, (s, n) => Float32Array.from({ length: n }, () => 1 + s.uniform()));
    const b = inputs.tensor(shapeB!, (s, n) => Float32Array.from({ length: n }, () => 3 + s.uniform()));
    const y = g.sub(g.add(g.mul(a, b), g.div(a, b)), g.maximum(a, b));
    const common = broadcastShapes(shapeA!, shapeB!)!;
    expect(y.shape).toEqual(common);
    const dy = inputs.tensor(common);
    const [da, db] = gradients(y, [a, b], dy);

    const [va, vb, vd] = [inputs.of(a), inputs.of(b), inputs.of(dy)];
    const expected = {
      y: new Float32Array(vd.length),
      da: new Float32Array(va.length),
      db: new Float32Array(vb.length),
    };
    const placesB = places(shapeB!, common);
    for (const [place, i] of places(shapeA!, common).entries()) {
      const j = placesB[place]!;
      const [p, q, d] = [va[i]!, vb[j]!, vd[place]!];
      expected.y[place] = p * q + p / q - q;
      expected.da[i]! += d * (q + 1 / q);
      expected.db[j]! += d * (p - p / q ** 2 - 1);
    }
    expectSame(await inputs.run({ y, da: da!, db: db! }), expected, 1e-5, 1);
  }));
