import { expect, it } from "vitest";
import { formatDuration, formatEstimate, parseDuration } from "./index.ts";

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

it.each([
  [0.000_32, "0.3 ms"],
  [0.009_96, "10 ms"],
  [0.0421, "42 ms"],
  [0.9996, "1.0 s"],
  [4.2, "4.2 s"],
  [9.96, "10 s"],
  [59.6, "1 min"],
  [200, "3 min 20 s"],
  [7500, "2 h 5 min"],
  [3600, "1 h"],
  [273_600, "3 d 4 h"],
  [Number.POSITIVE_INFINITY, "?"],
  [Number.NaN, "?"],
])("%d seconds are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

it.each([
  [0.2, "about 1 second"],
  [89, "about 89 seconds"],
  [240, "about 4 minutes"],
  [7200, "about 2 hours"],
  [200_000, "about 2 days"],
])("%d seconds are estimated as %s", (seconds, text) => expect(formatEstimate(seconds)).toBe(text));
