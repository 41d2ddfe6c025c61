import { expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import type { SweepPoint } from "../../sweep/plan.ts";
import { chosenPoints } from "./sweep.ts";

const points = ["a", "b"].map((id) => ({ id }) as SweepPoint);
const file = { path: "s.yaml", text: "", folder: "/runs/s", points };

it("trains all runs, or the one of a number", () => {
  expect(chosenPoints(file, undefined)).toBe(points);
  expect(chosenPoints(file, 1)).toEqual([points[1]]);
});

it("says how many runs there are when there is none of that number", () => {
  let error: unknown;
  try {
    chosenPoints(file, 2);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).written(asFlag)).toEqual({
    message: "--only 2: s.yaml has 2 runs, counted from 0.",
    hint: "The last one is --only 1.",
  });
});
