/** Two trainings that differ in rounding only. */
import { expect } from "vitest";
import { expectClose } from "../support/close.ts";
import type { SmallResult } from "./training.ts";

/** A result that came out of a page. */
export interface Comparable {
  readonly losses: SmallResult["losses"];
  readonly state: Readonly<Record<string, ArrayLike<number>>>;
}

const norm = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));

/**
 * Assert that losses agree to 1e-3 of the largest and every state vector to 1e-3 of its length.
 * Single elements may differ by more: where a gradient is 0 but for rounding (a bias before a batch
 * norm), Adam makes whole steps of its sign. With β₁ = 0 nothing reads `adam/m`, the gradient of
 * the last step, in which a ReLU at the brink shows.
 */
export function expectSameTraining(actual: Comparable, expected: SmallResult): void {
  expect(actual.losses).toHaveLength(expected.losses.length);
  for (const network of ["discriminator", "generator"] as const)
    expectClose(
      actual.losses.map((loss) => loss[network]),
      expected.losses.map((loss) => loss[network]),
      { relative: 1e-3, name: `losses of the ${network}` },
    );
  expect(Object.keys(actual.state).sort()).toEqual(Object.keys(expected.state).sort());
  for (const [name, values] of Object.entries(expected.state)) {
    expect(actual.state[name]!.length, name).toBe(values.length);
    const difference = norm(values.map((v, i) => v - actual.state[name]![i]!)) / norm(values);
    expect(difference, `${name}: off by this part of its length`).toBeLessThan(
      name.endsWith("/adam/m") ? 3e-2 : 1e-3,
    );
  }
}
