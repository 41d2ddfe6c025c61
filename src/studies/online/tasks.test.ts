import { expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { memoryStore } from "../../data/store/memory-store.ts";
import { stripedStore } from "../testing/striped.ts";
import { drawTaskBatch, labeled, memberships, testBatch } from "./tasks.ts";

const store = labeled(stripedStore(3, 20, 1));

it("half of a batch is of the class, in no order, and each image comes with its own target", () => {
  const [, second] = memberships(store);
  const batch = drawTaskBatch(store, second!, 32, randomStream(1, "test"));
  const targets = [...batch.targets];
  expect(targets.filter((target) => target === 1)).toHaveLength(16);
  expect(targets.slice(0, 16).every((target) => target === 1)).toBe(false);
  // Class 1 is the one whose second channel is bright.
  const bytes = 16 * 16 * 3;
  targets.forEach((target, i) => {
    const image = batch.images.subarray(i * bytes, (i + 1) * bytes);
    const green = image.filter((_, j) => j % 3 === 1).reduce((a, b) => a + b, 0) / 256;
    expect(green > 130).toBe(target === 1);
  });
});

it("test images are the same every time, as many of the class as of the others", () => {
  const [first] = memberships(store);
  const batch = testBatch(store, first!, 10);
  expect(batch.targets).toHaveLength(20);
  expect(batch.targets.filter((target) => target === 1)).toHaveLength(10);
  expect(testBatch(store, first!, 10)).toEqual(batch);
  expect(testBatch(store, first!, 1000).targets).toHaveLength(40);
});

it("images without labels, or a class without images, are refused with the remedy", () => {
  const plain = memoryStore({ images: new Uint8Array(64 * 12), size: 2, hash: "plain" });
  expect(() => labeled(plain)).toThrow(/no class labels/);
  const missing = memoryStore({
    images: new Uint8Array(4 * 12),
    size: 2,
    hash: "missing",
    labels: Uint16Array.of(0, 0, 2, 2),
    classNames: ["cat", "dog", "frog"],
  });
  expect(() => memberships(labeled(missing))).toThrow(/no image of the class dog/);
});
