import { expect, it } from "vitest";
import { type Usable, warningsFor } from "./advice.ts";

const good: Usable = {
  used: 5000,
  skipped: [],
  enlarged: 0,
  padded: 0,
  halved: 0,
  cutFigures: 0,
  preprocessing: "centre-crop",
  resolution: 32,
  split: "train",
  identical: false,
  perClass: [],
};

it("has nothing to say about good data", () => {
  expect(warningsFor(good)).toEqual([]);
  expect(warningsFor({ ...good, perClass: [300, 3000].map((count) => ({ name: "x", count })) })).toEqual([]);
});

it("warns of classes of very different sizes, with the extremes", () => {
  const perClass = [
    { name: "cat", count: 100 },
    { name: "dog", count: 4890 },
    { name: "rare\n", count: 10 },
  ];
  const [warning, ...rest] = warningsFor({ ...good, perClass });
  expect(rest).toEqual([]);
  expect(warning).toMatch(/"dog" has 4,890 images, "rare\\x0a" has 10 images/);
  expect(warningsFor({ ...good, perClass: [{ name: "elsewhere", count: 0 }, perClass[0]!] })).toEqual([]);
});

it("warns of images that are all the same, and of black borders", () => {
  expect(warningsFor({ ...good, identical: true }).join()).toMatch(/All 5,000 images have the same pixels/);
  expect(warningsFor({ ...good, padded: 3 }).join()).toMatch(/3 of 5,000 images are smaller than their crop/);
});

it("warns of crops that leave little of the images, with the remedy", () => {
  const halved = (preprocessing: Usable["preprocessing"], count = 4000) =>
    warningsFor({ ...good, halved: count, preprocessing }).join();
  expect(halved("celeba-178")).toMatch(
    /celeba-178 keeps less than half of a side of 4000 of 5,000 images.*data\.preprocessing=centre-crop/,
  );
  expect(halved("centre-crop")).toMatch(/data\.preprocessing=pad-border/);
  expect(halved("celeba-178", 3)).toBe("");
});

it("suggests padding where figures on plain ground are cut", () => {
  expect(warningsFor({ ...good, cutFigures: 1000 }).join()).toMatch(/their ends are missing.*pad-border/);
  expect(warningsFor({ ...good, cutFigures: 10 })).toEqual([]);
});
