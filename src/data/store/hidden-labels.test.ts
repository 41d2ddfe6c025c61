import { expect, it } from "vitest";
import { hideLabels, withFewLabels } from "./hidden-labels.ts";
import { memoryStore } from "./memory-store.ts";
import { NO_LABEL } from "./store.ts";

const count = (labels: Uint16Array, label: number): number => labels.filter((one) => one === label).length;

it("of each class a share is left, at least one label, the same ones every time", () => {
  const labels = Uint16Array.from({ length: 203 }, (_, i) =>
    i < 100 ? 0 : i < 200 ? 1 : i < 202 ? 2 : NO_LABEL,
  );
  const left = hideLabels(labels, 0.1);
  expect([0, 1, 2, NO_LABEL].map((label) => count(left, label))).toEqual([10, 10, 1, 182]);
  expect(left.every((label, i) => label === NO_LABEL || label === labels[i])).toBe(true);
  expect(hideLabels(labels, 0.1)).toEqual(left);
  // Not the first ones, which may be of one place or time.
  expect(left.subarray(0, 10).every((label) => label === 0)).toBe(false);
  expect(hideLabels(labels, 1)).toEqual(labels);
});

it("a store says how many are left; the images are the same data", () => {
  const labels = Uint16Array.from({ length: 40 }, (_, i) => i % 2);
  const images = new Uint8Array(40 * 12).map((_, i) => i);
  const store = memoryStore({ images, size: 2, labels, classNames: ["a", "b"], hash: "all" });
  const few = withFewLabels(store, 0.1);
  expect(few.labels!.filter((label) => label !== NO_LABEL)).toHaveLength(4);
  expect([few.hash, few.classNames, few.count]).toEqual([store.hash, store.classNames, 40]);
  expect(few.summary.notes.at(-1)).toBe("4 of 40 labels are used, the others hidden (data.labelShare 0.1).");
  const read = new Uint8Array(12);
  few.read(3, read, 0);
  expect(read).toEqual(images.subarray(36, 48));
  expect(withFewLabels(store, 1)).toBe(store);
  expect(withFewLabels(memoryStore({ images, size: 2, hash: "none" }), 0.1).labels).toBeUndefined();
});
