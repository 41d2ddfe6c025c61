import { expect, it } from "vitest";
import { formatBytes, formatCount, formatCountOf } from "./index.ts";

it("counts have commas, and their noun agrees", () => {
  expect([5, 999, 1000, 1_234_567].map(formatCount)).toEqual(["5", "999", "1,000", "1,234,567"]);
  expect([0, 1, 2].map((value) => formatCountOf(value, "image"))).toEqual([
    "0 images",
    "1 image",
    "2 images",
  ]);
  expect(formatCountOf(1200, "copy is", "copies are")).toBe("1,200 copies are");
});

it("sizes have at most three digits that count, or as many as are asked for", () => {
  const sizes = [1, 999, 1000, 2049, 32_896, 999_949, 999_950, 4.1e8, 1.24e9, 7e15];
  expect(sizes.map((bytes) => formatBytes(bytes))).toEqual([
    ...["1 byte", "999 bytes", "1 kB", "2 kB", "32.9 kB", "1 MB", "1 MB", "410 MB", "1.2 GB", "7000 TB"],
  ]);
  expect([410_320, 409_980].map((bytes) => formatBytes(bytes, 4))).toEqual(["410.3 kB", "410 kB"]);
});
