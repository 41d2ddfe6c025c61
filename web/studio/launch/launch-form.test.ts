import { expect, it } from "vitest";
import { isSame, type LaunchForm, latestOf, requestOf } from "./launch-form.ts";

const form: LaunchForm = {
  ...{ own: false, folder: "cats", preset: "", resolution: "", by: "time" },
  ...{ time: " 30m ", steps: "2000", name: "" },
};

it("asks for what stands in the form, and leaves out what does not", () => {
  expect(requestOf(form)).toEqual({ folder: null, time: "30m" });
  const whole = { ...form, own: true, preset: "laptop", resolution: "64", by: "steps", name: " a " } as const;
  expect(requestOf(whole)).toEqual({
    ...{ folder: "cats", preset: "laptop", resolution: 64, steps: 2000, name: "a" },
  });
});

it("a dry run of something else is another", () => {
  const asked = requestOf({ ...form, preset: "laptop" });
  expect(isSame(asked, { preset: "laptop", time: "30m", folder: null })).toBe(true);
  expect(isSame(asked, { ...asked, time: "31m" })).toBe(false);
  expect(isSame(asked, requestOf(form))).toBe(false);
});

it("of progress the last line is shown, and everything else", () => {
  const progress = [9, 18, 1653].map((n) => `packing images: ${n.toLocaleString("en")} of 1,653`);
  const lines = ["warning: a 1", ...progress, "90 images", "", "  width  8", "  steps  8", progress[0]!];
  expect(latestOf(lines)).toEqual([lines[0], progress[2], ...lines.slice(4)]);
});
