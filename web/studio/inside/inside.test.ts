/** The map as it is drawn and gone over, and the lines of layers. */
import { describe, expect, it } from "vitest";
import { kernelText, layerLines, normLines, outlineOf } from "./layers.ts";
import { placePoints, pointToward } from "./map.ts";

const at = (x: number, y: number) => ({ x, y });

describe("points on the map", () => {
  it("lie within it, at one scale in both directions, the second component upwards", () => {
    for (const points of [
      [at(-3, 0), at(3, 1), at(0, -1)],
      [at(0, -9), at(1, 9)],
    ]) {
      const placed = placePoints(points, 1.6);
      for (const { left, top } of placed) {
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThan(1);
        expect(top).toBeGreaterThan(0);
        expect(top).toBeLessThan(1);
      }
      const [a, b] = placed;
      const across = ((b!.left - a!.left) * 1.6) / (points[1]!.x - points[0]!.x);
      const down = (a!.top - b!.top) / (points[1]!.y - points[0]!.y);
      expect(across).toBeCloseTo(down, 6);
    }
  });

  it("all at one place are in its middle", () => {
    expect(placePoints([at(2, 2), at(2, 2)], 1.6)).toMatchObject([
      { left: 0.5, top: 0.5 },
      { left: 0.5, top: 0.5 },
    ]);
  });

  it("are gone over by arrow keys; none is a dead end but at an edge", () => {
    const placed = placePoints([at(0, 0), at(1, 0.1), at(2, 0), at(0, 2), at(0.2, -2)], 1);
    expect(pointToward(placed, 0, "ArrowRight")).toBe(1);
    expect(pointToward(placed, 1, "ArrowRight")).toBe(2);
    expect(pointToward(placed, 0, "ArrowUp")).toBe(3);
    expect(pointToward(placed, 0, "ArrowDown")).toBe(4);
    expect(pointToward(placed, 2, "ArrowRight")).toBe(2);
    expect(pointToward(placed, 3, "End")).toBe(4);
    expect(pointToward(placed, 3, "x")).toBe(3);
  });
});

describe("lines of layers", () => {
  it("are in the order of the network, the ninth dashed; a layer that is missing somewhere has a gap", () => {
    const norms = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`block${i}`, i]));
    const lines = layerLines([
      { step: 0, norms },
      { step: 5, norms: { block0: 7 } },
    ]);
    expect(lines.map(({ label }) => label)).toEqual(Object.keys(norms));
    expect(lines[0]).toMatchObject({ tone: "--run-1", steps: [0, 5], values: [0, 7], dashed: false });
    expect(lines[8]).toMatchObject({ tone: "--run-1", values: [8, null], dashed: true });
  });

  it("are those of the record where it has them, else those of checkpoints", () => {
    const checkpoints = [{ step: 10, norms: { a: 3 } }];
    const recorded = [{ step: 0 }, { step: 5, layerNorms: { a: 1 } }];
    expect(normLines(recorded, checkpoints)).toMatchObject([{ steps: [5], values: [1] }]);
    expect(normLines([{ step: 0 }], checkpoints)).toMatchObject([{ steps: [10], values: [3] }]);
    expect(normLines([{ step: 0 }], undefined)).toEqual([]);
  });
});

describe("the outline of a histogram", () => {
  it("has a bar of one unit for each bin, the highest as high as there is room", () => {
    expect(outlineOf([1, 4, 0], 8)).toBe("M0 8V6.00h1V0.00h1V8.00h1V8Z");
  });

  it("of nothing is flat", () => {
    expect(outlineOf([0, 0], 8)).toBe("M0 8V8.00h1V8.00h1V8Z");
  });
});

it("a kernel is told by its channels and its sides", () => {
  expect(
    [
      [4, 64],
      [128, 64, 3, 3],
      [8, 3, 1, 1],
    ].map(kernelText),
  ).toEqual(["64 → 4", "64 → 128, 3 × 3", "3 → 8, 1 × 1"]);
});
