/** Which runs are looked at together, and that they can be told apart. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MAX_WATCHED } from "../../../src/studio/protocol.ts";
import { runLook } from "../compare/compare.ts";
import { compareWith, isFull, without } from "./runs.ts";

const ids = (count: number) => Array.from({ length: count }, (_, i) => `run-${i}`);

it("as many are compared as the server watches, and no more", () => {
  let view = { with: [] as readonly string[] };
  for (const id of ids(30)) view = compareWith(view, id, true);
  expect(view.with).toEqual(ids(MAX_WATCHED - 1));
  expect(isFull(view)).toBe(true);
  view = compareWith(view, "run-3", false);
  expect(isFull(view)).toBe(false);
  expect(compareWith(view, "run-20", true).with).toEqual([
    ...ids(MAX_WATCHED - 1).filter((id) => id !== "run-3"),
    "run-20",
  ]);
});

it("without one of them the others stay, and the next takes the place of the first", () => {
  expect(without({ run: "a", with: ["b", "c"] }, "b")).toEqual({ run: "a", with: ["c"] });
  expect(without({ run: "a", with: ["b", "c"] }, "a")).toEqual({ run: "b", with: ["c"] });
});

/** Relative luminance (WCAG 2.2) of `#rrggbb`. */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

it("all that can be compared look different, and stand out in light and dark (WCAG 1.4.11)", () => {
  const looks = ids(MAX_WATCHED).map((_, place) => runLook(place));
  expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(MAX_WATCHED);
  const css = readFileSync(new URL("../../common/theme.css", import.meta.url), "utf8");
  const pair = (name: string) =>
    new RegExp(`${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)!.slice(1);
  for (const theme of [0, 1]) {
    const colors = [...new Set(looks.map(({ tone }) => pair(tone)[theme]!))];
    expect(colors).toHaveLength(8);
    for (const color of colors)
      expect(contrast(color, pair("--card")[theme]!), color).toBeGreaterThanOrEqual(3);
  }
});
