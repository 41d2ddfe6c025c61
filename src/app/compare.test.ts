/** At which side two sets of images are compared. */
import { expect, it } from "vitest";
import { comparedSide } from "./compare.ts";

it("big photographs are brought to a side that is compared in seconds", () => {
  expect(comparedSide(400, 32, false)).toBe(128);
  expect(comparedSide(400, 32, true)).toBe(400);
  // Inception looks at 299 pixels, and should see them.
  expect(comparedSide(4000, 299, false)).toBe(299);
  expect(comparedSide(64, 299, false)).toBe(64);
  expect(comparedSide(32, 0, false)).toBe(32);
});
