/** Plain grounds. */
import { describe, expect, it } from "vitest";
import { borderColor, isFigureCut, plainGround, type Rgb } from "./ground.ts";

/** A picture by the color of each pixel. */
const paint = (width: number, height: number, color: (x: number, y: number) => Rgb): Uint8Array =>
  Uint8Array.from(
    Array.from({ length: width * height }, (_, i) => color(i % width, Math.floor(i / width))).flat(),
  );

describe("a ground", () => {
  it("is the color around a figure, noise of compression or not", () => {
    const picture = paint(12, 8, (x, y) =>
      x > 3 && x < 8 && y > 2 ? [200, 30, 30] : [250 - (x % 3), 250, 251],
    );
    expect(plainGround(picture, 12, 8)).toEqual([249, 250, 251]);
  });

  it("is none where the border has many colors", () => {
    expect(
      plainGround(
        paint(9, 9, (x, y) => [x * 28, y * 28, 90]),
        9,
        9,
      ),
    ).toBeUndefined();
  });

  it("of a picture of one row or column is seen too", () => {
    expect(
      borderColor(
        paint(1, 5, () => [1, 2, 3]),
        1,
        5,
      ),
    ).toEqual([1, 2, 3]);
    expect(
      borderColor(
        paint(5, 1, () => [1, 2, 3]),
        5,
        1,
      ),
    ).toEqual([1, 2, 3]);
  });
});

it("a figure is cut where it reaches the sides that the crop took away", () => {
  const bar = (size: number) => paint(size, size, (_, y) => (y === 4 ? [0, 0, 200] : [255, 255, 255]));
  expect(isFigureCut(bar(10), 10, true)).toBe(true);
  expect(isFigureCut(bar(10), 10, false)).toBe(false);
  expect(
    isFigureCut(
      paint(9, 9, (x, y) => [x * 28, y * 28, 90]),
      9,
      true,
    ),
  ).toBe(false);
});
