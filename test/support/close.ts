import { expect } from "vitest";

/** Assert |a − e| ≤ absolute + relative · max|e| for every element; says where it is worst. */
export function expectClose(
  actual: ArrayLike<number | bigint>,
  expected: ArrayLike<number | boolean>,
  options: { readonly relative: number; readonly absolute?: number; readonly name: string },
): void {
  expect(actual.length, `${options.name}: number of elements`).toBe(expected.length);
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(Number(expected[i])));
  const allowed = (options.absolute ?? 0) + options.relative * scale;
  let worst = -1;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(Number(actual[i]) - Number(expected[i]));
    if (!(d <= difference)) [worst, difference] = [i, d];
  }
  const place = worst < 0 ? "" : ` at ${worst}: ${actual[worst]} instead of ${expected[worst]}`;
  expect(difference <= allowed, `${options.name}: off by ${difference}${place} (allowed ${allowed})`).toBe(
    true,
  );
}
