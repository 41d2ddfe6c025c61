/** Rows on the plane on which they differ most. */
import { expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { projectRows } from "./projection.ts";

it("rows that lie on a plane keep all distances; what they differ in is shared out", () => {
  const stream = randomStream(5, "rows");
  const directions = [0, 1].map(() => Float64Array.from({ length: 40 }, () => stream.normal()));
  const places = Array.from({ length: 30 }, () => [6 * stream.normal(), stream.normal()]);
  const rows = Float32Array.from(
    places.flatMap(([a, b]) =>
      Array.from({ length: 40 }, (_, d) => 7 + a! * directions[0]![d]! + b! * directions[1]![d]!),
    ),
  );
  const { along, shares } = projectRows(rows, 40, 4);
  const [x, y, ...rest] = along as [number[], number[], ...number[][]];
  const distance = (i: number, j: number): number =>
    Math.hypot(...Array.from({ length: 40 }, (_, d) => rows[i * 40 + d]! - rows[j * 40 + d]!));
  for (const [i, j] of [
    [0, 1],
    [3, 17],
    [29, 4],
  ] as const)
    expect(Math.hypot(x[i]! - x[j]!, y[i]! - y[j]!) / distance(i, j)).toBeCloseTo(1, 4);
  expect(shares[0]).toBeGreaterThan(0.8);
  expect(shares[0]! + shares[1]!).toBeCloseTo(1, 5);
  for (const value of rest.flat()) expect(Math.abs(value)).toBeLessThan(0.01);
  expect(x.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 2);
});

it("rows that are all the same lie at one place", () => {
  const { along, shares } = projectRows(new Float32Array(20).fill(3), 5, 6);
  expect([...along.flat(), ...shares]).toEqual(new Array(6 * 4 + 6).fill(0));
});
