import { expect, it } from "vitest";
import { knownLicense } from "./card.ts";

it("a model of the built-in images has their license, one of others has none that is known", () => {
  expect(knownLicense(null)).toBe("mit");
  expect(["/photos", "cifar10:/data"].map(knownLicense)).toEqual(["unknown", "unknown"]);
});
