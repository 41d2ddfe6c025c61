/** Numbers of axes: short, and never two alike. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisNumbers, percent, settingNumber, shortNumber } from "./index.ts";

/** Spacings as axes have them. */
const spacing = fc
  .tuple(fc.constantFrom(1, 2, 2.5, 5), fc.integer({ min: -7, max: 5 }))
  .map(([first, exponent]) => Number(`${first}e${exponent}`));

describe.each([
  ["percentages", percent],
  ["numbers", shortNumber],
])("%s of an axis", (_, format) => {
  it("are told apart however close they are", () => {
    fc.assert(
      fc.property(spacing, fc.integer({ min: -400, max: 400 }), (apart, from) => {
        const ticks = Array.from({ length: 6 }, (_, i) => Number(((from + i) * apart).toPrecision(12)));
        expect(new Set(ticks.map((value) => format(value, apart))).size).toBe(6);
      }),
    );
  });
});

it("percentages have the digits of their spacing, and none alone", () => {
  expect([0, 0.0025, 0.005, 0.0075].map((value) => percent(value, 0.0025))).toEqual([
    "0.00%",
    "0.25%",
    "0.50%",
    "0.75%",
  ]);
  expect([0, 0.25, 0.5].map((value) => percent(value, 0.25))).toEqual(["0%", "25%", "50%"]);
  expect([0.253, -0.001].map((value) => percent(value))).toEqual(["25%", "0%"]);
});

it("numbers are short", () => {
  expect([0, 12_345, 1234, 1_500_000, 0.123456, 0.000123, -2].map((value) => shortNumber(value))).toEqual([
    "0",
    "12.3k",
    "1234",
    "1.5M",
    "0.123",
    "1.2·10⁻⁴",
    "-2",
  ]);
  expect([10_000, 10_500].map((value) => shortNumber(value, 500))).toEqual(["10k", "10.5k"]);
  expect([0.0002, 0.000205].map((value) => shortNumber(value, 0.000005))).toEqual(["2·10⁻⁴", "2.05·10⁻⁴"]);
});

it("settings are written as they were set", () => {
  const set = [0.0008, 0.001, 0.00025, 0.5, 1, 2e-7, 0.1 + 0.2];
  expect(set.map((value) => settingNumber(value))).toEqual([
    ...["0.0008", "0.001", "0.00025", "0.5", "1", "2e-7", "0.3"],
  ]);
});

it("an axis has one notation", () => {
  expect(axisNumbers([0.00095, 0.001, 0.00105], 0.00005, shortNumber)).toEqual([
    "0.00095",
    "0.001",
    "0.00105",
  ]);
  expect(axisNumbers([0, 0.0002, 0.0004], 0.0002, shortNumber)).toEqual(["0", "2·10⁻⁴", "4·10⁻⁴"]);
  expect(axisNumbers([0, 0.0005, 0.001], 0.0005, settingNumber)).toEqual(["0", "0.0005", "0.001"]);
  expect(axisNumbers([0, 0.5, 1], 0.5, percent)).toEqual(["0%", "50%", "100%"]);
});

it("numbers of any size can be read, alone and on an axis", () => {
  expect(
    [-2.8e23, 9.99e8, 1e9, -3.14e-12, Number.NaN, Number.NEGATIVE_INFINITY].map((value) =>
      shortNumber(value),
    ),
  ).toEqual(["−2.8·10²³", "999M", "1·10⁹", "−3.1·10⁻¹²", "NaN", "−∞"]);
  expect([2e20, Number.NaN].map((value) => percent(value))).toEqual(["2·10²²%", "NaN%"]);
  expect(axisNumbers([-5e22, 0, 5e22, 1e23, 1.5e23], 5e22, shortNumber)).toEqual([
    ...["−5·10²²", "0", "5·10²²", "1·10²³", "1.5·10²³"],
  ]);
  expect(axisNumbers([0, 5e8, 1e9, 1.5e9], 5e8, shortNumber)).toEqual([
    ...["0", "5·10⁸", "1·10⁹", "1.5·10⁹"],
  ]);
});

it("any number is short", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), (value) => {
      expect(shortNumber(value).length).toBeLessThanOrEqual(11);
    }),
  );
});
