import { expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

it.each([
  ["90s", 90],
  ["30m", 1800],
  ["30min", 1800],
  ["1h30m", 5400],
  ["2.5h", 9000],
  ["1d", 86_400],
  [" 10M ", 600],
  ["1h 5m", 3900],
])("%j is %d seconds", (text, seconds) => {
  expect(parseDuration(text, "--time")).toBe(seconds);
});

it.each(["", "30", "m", "-5m", "0s", "10x", "1h30", "1h-5m", "NaNs", "5m!"])("%j is no duration", (text) => {
  expect(() => parseDuration(text, "--time")).toThrow(/--time .*: expected a duration, with a unit/);
});
