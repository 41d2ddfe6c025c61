import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type BatchIterator, type BatchState, batches, drawRandomImages } from "./batches.ts";
import { memoryStore } from "./memory-store.ts";
import type { ImageStore } from "./store.ts";

/** 2×2 images whose bytes all are the image's number, labeled by it. */
function numbered(count: number): ImageStore {
  const images = Uint8Array.from({ length: count * 12 }, (_, i) => Math.floor(i / 12));
  return memoryStore({ images, size: 2, labels: Uint16Array.from({ length: count }, (_, i) => i), hash: "" });
}

function take(from: BatchIterator, n: number): number[] {
  return Array.from({ length: n }, () => [...from.next().indices]).flat();
}

const counts = fc.integer({ min: 1, max: 60 });
const sizes = fc.integer({ min: 1, max: 40 });
const seeds = fc.integer({ min: 0, max: 2 ** 32 });

describe("batches", () => {
  it("shows every image exactly once an epoch, also across batches that straddle two epochs", () => {
    fc.assert(
      fc.property(counts, sizes, seeds, (count, size, seed) => {
        const epochs = 3;
        const drawn = take(batches(numbered(count), size, seed), Math.ceil((epochs * count) / size));
        for (let epoch = 0; epoch < epochs; epoch++) {
          const seen = drawn.slice(epoch * count, (epoch + 1) * count).sort((a, b) => a - b);
          expect(seen).toEqual(Array.from({ length: count }, (_, i) => i));
        }
      }),
    );
  });

  it("continues from a saved position as if it had never stopped, after a trip through JSON", () => {
    fc.assert(
      fc.property(counts, sizes, seeds, fc.integer({ min: 0, max: 9 }), (count, size, seed, before) => {
        const store = numbered(count);
        const whole = batches(store, size, seed);
        take(whole, before);
        const state = JSON.parse(JSON.stringify(whole.save())) as BatchState;
        const restored = batches(store, size, state);
        expect(restored.save()).toEqual(state);
        expect(take(restored, 8)).toEqual(take(whole, 8));
      }),
    );
  });

  it("counts images, so the batch size may change between saving and continuing", () => {
    const whole = batches(numbered(20), 1, 7);
    const expected = take(whole, 40);
    const first = batches(numbered(20), 6, 7);
    const drawn = take(first, 3);
    expect([...drawn, ...take(batches(numbered(20), 11, first.save()), 2)]).toEqual(expected);
  });

  it("gives pixels and labels that belong together", () => {
    const { images, labels, indices } = batches(numbered(50), 16, 3).next();
    expect([...labels!]).toEqual([...indices]);
    for (const [i, index] of indices.entries())
      expect([...images.subarray(i * 12, i * 12 + 12)]).toEqual(Array(12).fill(index));
  });

  it("gives new arrays each time, which the receiver may keep", () => {
    const source = batches(numbered(50), 4, 3);
    const first = source.next();
    const copy = first.images.slice();
    source.next();
    expect(first.images).toEqual(copy);
  });

  it("shuffles differently for each seed and each epoch, and without bias", () => {
    const orders = [0, 1].map((seed) => take(batches(numbered(30), 30, seed), 2));
    expect(orders[0]).not.toEqual(orders[1]);
    expect(orders[0]!.slice(0, 30)).not.toEqual(orders[0]!.slice(30));
    // The first image drawn of 4, in 4,000 epochs: 1,000 each, standard deviation 27.
    const drawn = take(batches(numbered(4), 4, 5), 4000);
    for (let image = 0; image < 4; image++) {
      const first = drawn.filter((index, i) => i % 4 === 0 && index === image).length;
      expect(Math.abs(first - 1000)).toBeLessThan(140);
    }
  });

  it("refuses a position of other data", () => {
    const state = batches(numbered(10), 4, 0).save();
    expect(() => batches(numbered(11), 4, state)).toThrow(/among 10 images.*there are 11/);
    expect(() => batches(numbered(10), 4, { ...state, position: 11 })).toThrow(UserError);
    expect(() => batches(numbered(10), 0, 0)).toThrow(RangeError);
  });
});

describe("drawRandomImages", () => {
  it("draws different images, repeatably, and no more than there are", () => {
    const store = numbered(40);
    const drawn = drawRandomImages(store, 30, 1);
    expect(new Set(drawn).size).toBe(30);
    expect(drawRandomImages(store, 30, 1)).toEqual(drawn);
    expect(drawRandomImages(store, 30, 2)).not.toEqual(drawn);
    expect(drawRandomImages(store, 99, 1)).toHaveLength(40 * 12);
  });
});

describe("memoryStore", () => {
  it("reads images to a place, and nothing beyond its ends", () => {
    const store = numbered(3);
    const out = new Uint8Array(14).fill(9);
    store.read(2, out, 1);
    expect([...out]).toEqual([9, ...Array(12).fill(2), 9]);
    expect(() => store.read(3, out, 0)).toThrow(RangeError);
    expect(() => store.read(-1, out, 0)).toThrow(RangeError);
    expect(() => store.read(0, out, 3)).toThrow(RangeError);
    store.close();
    expect(() => store.read(0, out, 0)).toThrow(/closed/);
  });

  it("refuses bytes or labels that do not fit", () => {
    expect(() => memoryStore({ images: new Uint8Array(13), size: 2, hash: "" })).toThrow(RangeError);
    const labels = new Uint16Array(2);
    expect(() => memoryStore({ images: new Uint8Array(12), size: 2, labels, hash: "" })).toThrow(RangeError);
  });
});
