/** Numbers as people read them, from the smallest to the largest. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { formatValue } from "./index.ts";

it("ordinary numbers stand as they are, others as powers of ten", () => {
  expect(
    [1.2345, -0.5, 0, -2.8e23, 4e-4, -9.96e-10, 999_999, 1e6].map((value) => formatValue(value)),
  ).toEqual(["1.234", "-0.500", "0.000", "−2.8·10²³", "4.0·10⁻⁴", "−1.0·10⁻⁹", "999999.000", "1.0·10⁶"]);
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((v) => formatValue(v))).toEqual(
    ["NaN", "∞", "−∞"],
  );
});

it("any number is short, and says its size", () => {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const read = (text: string): number => {
    const plain = text.replaceAll("−", "-").replace("⁻", "-").replace("·10", "e");
    return Number(plain.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => String(digits.indexOf(digit))));
  };
  fc.assert(
    fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), (value) => {
      const text = formatValue(value);
      expect(text.length).toBeLessThanOrEqual(11);
      const error = Math.abs(read(text) - value);
      expect(error).toBeLessThanOrEqual(Math.max(5.01e-4, 0.0501 * Math.abs(value)));
    }),
  );
});
