import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { hashSplit, lastPart, partNames } from "./split.ts";
import { classesOf, divisionOf, folderOf } from "./tree.ts";

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `image${i}.png`);

describe("hashSplit", () => {
  it("divides a thousand images or more in two parts that never change sides", () => {
    const [train, test] = (["train", "test"] as const).map(
      (split) => hashSplit(keys(2000), split, "x").indices,
    );
    expect([...train!, ...test!].sort((a, b) => a - b)).toEqual(keys(2000).map((_, i) => i));
    expect(test!.length).toBeGreaterThan(140);
    expect(test!.length).toBeLessThan(260);
    const fewer = hashSplit(keys(1500), "test", "x").indices;
    expect(fewer).toEqual(test!.filter((i) => i < 1500));
  });

  it("divides fewer not at all, and says so", () => {
    const part = hashSplit(keys(999), "train", "x");
    expect(part.indices).toHaveLength(999);
    expect(part.note).toMatch(/Fewer than 1,000 images: none is held out/);
    expect(() => hashSplit(keys(999), "test", "the folder")).toThrow(UserError);
    expect(() => hashSplit(keys(999), "test", "the folder")).toThrow(/the folder has no test images/);
    expect(hashSplit(keys(5000), "all", "x").indices).toHaveLength(5000);
  });
});

const percent = { oneIn: 100, title: "The last 1 %", after: "LSUN" };

it("lastPart takes the last hundredth, and no part of a set too small for one", () => {
  expect(lastPart(1000, "test", percent, "x").indices).toEqual([
    990, 991, 992, 993, 994, 995, 996, 997, 998, 999,
  ]);
  expect(lastPart(1000, "train", percent, "x").indices.at(-1)).toBe(989);
  expect(lastPart(50, "train", percent, "x").indices).toHaveLength(50);
  expect(() => lastPart(99, "test", percent, "x")).toThrow(/the last 1 % of 99 images is none/);
});

it("a division needs a training and a testing part, whatever the latter is called", () => {
  expect(divisionOf(["train", "val", "docs"])).toEqual({ train: "train", test: "val" });
  expect(divisionOf(["train", "val", "test"])).toEqual({ train: "train", test: "test" });
  expect(divisionOf(["train", "validation"])).toEqual({ train: "train", test: "validation" });
  expect(divisionOf(["train"])).toBeUndefined();
  expect(divisionOf(["test", "val"])).toBeUndefined();
  expect(partNames(new Set(["valid"]))).toEqual({ train: undefined, test: "valid" });
  expect(folderOf({ train: "train", test: "val" }, "test")).toBe("val");
  expect(folderOf({ train: "train", test: "val" }, "all")).toBeUndefined();
});

it("folders are classes if every image is in one; those of a division are not", () => {
  expect(classesOf(["b/1", "a/1", "a/deep/2"])).toEqual({ names: ["a", "b"], labels: [1, 0, 0] });
  expect(classesOf(["b/1", "a/1", "2"])).toBeUndefined();
  const division = { train: "train", test: "test" };
  expect(classesOf(["train/b/1", "test/a/1"], division)).toEqual({ names: ["a", "b"], labels: [1, 0] });
  expect(classesOf(["train/1", "test/1"], division)).toBeUndefined();
  // A class has the same number in both parts, whether or not it has images in this one.
  expect(classesOf(["b/1"], undefined, ["a", "c"])).toEqual({ names: ["a", "b", "c"], labels: [1] });
  expect(classesOf(["b/1"])).toBeUndefined();
});
