import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { hashSplit, lastPart } from "./split.ts";
import { classesOf, commonFolder, folderOf } from "./tree.ts";

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

it("a part is in its folder, and everything anywhere", () => {
  expect(folderOf({ train: "train", test: "val" }, "test")).toBe("val");
  expect(folderOf({ train: "train", test: "val" }, "all")).toBeUndefined();
});

it("the folder around everything is found, and none around nothing", () => {
  expect(commonFolder(["a/b/1.png", "a/b/c/2.png"])).toBe("a/b/");
  expect(commonFolder(["a/1.png", "b/1.png"])).toBe("");
  expect(commonFolder(["a/1.png"])).toBe("a/");
  expect(commonFolder(["1.png"])).toBe("");
  expect(commonFolder([])).toBe("");
});

it("folders are classes if every image is in one; those of a division are not", () => {
  expect(classesOf(["b/1", "a/1", "a/deep/2"])).toEqual({ names: ["a", "b"], labels: [1, 0, 0] });
  expect(classesOf(["b/1", "a/1", "2"])).toEqual({ beside: ["2"] });
  expect(classesOf(["1", "2"], undefined, ["a", "b"])).toBeUndefined();
  const division = { train: "train", test: "test" };
  expect(classesOf(["train/b/1", "test/a/1"], division)).toEqual({ names: ["a", "b"], labels: [1, 0] });
  expect(classesOf(["train/1", "test/1"], division)).toBeUndefined();
  // A class has the same number in both parts, whether or not it has images in this one.
  expect(classesOf(["b/1"], undefined, ["a", "c"])).toEqual({ names: ["a", "b", "c"], labels: [1] });
  expect(classesOf(["b/1"])).toBeUndefined();
});

it("a few images beside the class folders are strays, and many say that the folders are no classes", () => {
  const filed = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${i % 2 ? "a" : "b"}/${i}`);
  const beside = (count: number): string[] => Array.from({ length: count }, (_, i) => `stray${i}`);
  const kept = (all: string[]): boolean => "names" in (classesOf(all) ?? {});
  expect(classesOf([...filed(80), "stray"])).toMatchObject({
    names: ["a", "b"],
    labels: expect.arrayContaining([undefined]),
  });
  expect(kept([...filed(80), ...beside(3)])).toBe(true);
  expect(kept([...filed(80), ...beside(4)])).toBe(false);
  expect(kept([...filed(2000), ...beside(20)])).toBe(true);
  expect(kept([...filed(2000), ...beside(21)])).toBe(false);
  // Leaving one out would leave too few to train on.
  expect(kept([...filed(63), ...beside(1)])).toBe(false);
  // Of a third part beside the two that are used, the second level counts.
  const division = { train: "train", test: "test" };
  expect(classesOf(["train/a/1", "test/b/1", "val/a/1"], division)).toMatchObject({ names: ["a", "b"] });
});
