/**
 * For tests: first and second derivatives against finite differences, robust in float32. Along a
 * direction v,
 *
 *     F'(z)·v ≈ (8 [F(z + hv) − F(z − hv)] − [F(z + 2hv) − F(z − 2hv)]) / 12h,
 *
 * whose error is of order h⁴, so that h can be large enough (0.01) for rounding not to matter. F(x,
 * s) = ⟨f(x), s⟩ tests the gradient by inputs and seed; G = ⟨∇F, u⟩, evaluated at the same five
 * places, tests the gradient of the gradient.
 */
import { expect } from "vitest";
import { gradients } from "../autodiff.ts";
import { add, constant, mul, sum } from "../operations/index.ts";
import type { Tensor } from "../tensor.ts";
import { anywhere, type Inputs } from "./samples.ts";

const STEP = 0.01;
const PLACES = [-2, -1, 1, 2] as const;
const TOLERANCE = 2e-3;

const inner = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a.map((x, i) => sum(mul(x, b[i]!))).reduce((x, y) => add(x, y), constant(0));

/**
 * Compare the first and second derivatives of `f` with finite differences.
 * @param variables inputs of `f` made by `inputs`, values away from kinks
 */
export async function expectDerivatives(
  inputs: Inputs,
  variables: readonly Tensor[],
  f: (...variables: Tensor[]) => Tensor,
): Promise<void> {
  const at = [...variables, inputs.tensor(f(...variables).shape)];
  const along = at.map((t) => inputs.tensor(t.shape, anywhere));
  const across = at.map((t) => inputs.tensor(t.shape, anywhere));
  const first = (z: readonly Tensor[]): Tensor => sum(mul(f(...z.slice(0, -1)), z.at(-1)!));
  const second = (z: readonly Tensor[]): Tensor => inner(gradients(first(z), z), across);
  const moved = (c: number): Tensor[] => at.map((t, i) => add(t, mul(along[i]!, c * STEP)));

  const results: Record<string, Tensor> = {};
  for (const [name, scalar] of Object.entries({ first, second })) {
    results[name] = inner(gradients(scalar(at), at), along);
    results[`${name} value`] = scalar(at);
    for (const c of PLACES) results[`${name} at ${c}`] = scalar(moved(c));
  }
  const values = await inputs.run(results);
  for (const name of ["first", "second"]) {
    const value = (key: string): number => values[key]![0]!;
    const [a, b, c, d] = PLACES.map((place) => value(`${name} at ${place}`)) as [
      number,
      number,
      number,
      number,
    ];
    const expected = (8 * (c - b) - (d - a)) / (12 * STEP);
    const scale = Math.max(1, Math.abs(expected), Math.abs(value(`${name} value`)));
    const difference = Math.abs(value(name) - expected);
    expect(
      difference <= TOLERANCE * scale,
      `${name} derivative: ${value(name)} instead of ${expected} by finite differences`,
    ).toBe(true);
  }
}
