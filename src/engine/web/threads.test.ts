import { expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import { webThreads } from "./threads.ts";

const isolated = (processors: number) => ({ crossOriginIsolated: true, processors });
const plain = { crossOriginIsolated: false, processors: 8 };

test("as many as are sensible", () => {
  expect([1, 2, 4, 8, 12, 64].map((n) => webThreads(0, isolated(n)))).toEqual([1, 2, 2, 4, 6, 8]);
});

test("one where memory cannot be shared", () => {
  expect(webThreads(0, plain)).toBe(1);
  expect(webThreads(1, plain)).toBe(1);
  expect(() => webThreads(2, plain)).toThrow(UserError);
});

test("what was asked for where it can be had", () => {
  expect(webThreads(3, isolated(2))).toBe(3);
});
