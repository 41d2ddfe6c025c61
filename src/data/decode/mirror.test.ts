/**
 * Images as they are and mirrored: twice as many, in pairs, read alike whichever way they are read.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { type BatchSource, batches } from "../store/batches.ts";
import { memoryStore } from "../store/memory-store.ts";
import { mirrored, trainedOn } from "./mirror.ts";

/** `count` images of noise, of side `side`, no two pixels of which are likely to be alike. */
function noise(count: number, side: number, seed: number, labeled = true): BatchSource {
  const stream = randomStream(seed, "mirror");
  return memoryStore({
    images: Uint8Array.from({ length: count * side * side * 3 }, () => stream.integer(256)),
    size: side,
    hash: "noise",
    ...(labeled && { labels: Uint16Array.from({ length: count }, (_, i) => i % 7), classNames: undefined }),
  });
}

/** Image `index` of a source, read behind a byte that must stay as it is. */
function read(source: BatchSource, index: number): number[] {
  const out = new Uint8Array(source.size ** 2 * 3 + 2).fill(99);
  source.read(index, out, 1);
  expect([out[0], out.at(-1)]).toEqual([99, 99]);
  return [...out.slice(1, -1)];
}

/** The mirror image, pixel by pixel: row, column → row, side − 1 − column. */
const flip = (image: readonly number[], side: number): number[] =>
  Array.from({ length: image.length }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / (side * 3)), Math.floor(i / 3) % side, i % 3];
    return image[(row * side + side - 1 - column) * 3 + channel]!;
  });

/** A source that is read by waiting, as one on a disk is. */
const waiting = (source: BatchSource): BatchSource => ({
  ...source,
  async readMany(indices, out) {
    await new Promise(setImmediate);
    const bytes = source.size ** 2 * 3;
    indices.forEach((index, i) => {
      source.read(index, out, i * bytes);
    });
  },
});

const size = fc.record({
  count: fc.integer({ min: 1, max: 6 }),
  side: fc.integer({ min: 1, max: 7 }),
  seed: fc.integer({ min: 0, max: 1000 }),
});

describe("mirrored", () => {
  it("has image i as it is and image N + i mirrored, of the same class", () => {
    fc.assert(
      fc.property(size, ({ count, side, seed }) => {
        const source = noise(count, side, seed);
        const both = mirrored(source);
        expect([both.count, both.size, both.labels?.length]).toEqual([2 * count, side, 2 * count]);
        for (let i = 0; i < count; i++) {
          const image = read(source, i);
          expect(read(both, i)).toEqual(image);
          expect(read(both, count + i)).toEqual(flip(image, side));
          expect([both.labels![i], both.labels![count + i]]).toEqual([source.labels![i], source.labels![i]]);
        }
      }),
    );
    expect(mirrored(noise(3, 4, 1, false)).labels).toBeUndefined();
  });

  it("mirrored twice is the image itself", () => {
    fc.assert(
      fc.property(size, ({ count, side, seed }) => {
        const source = noise(count, side, seed);
        const four = mirrored(mirrored(source));
        expect(four.count).toBe(4 * count);
        // Image N + i of 2N, and of the 4N that one mirrored: number 2N + N + i.
        for (let i = 0; i < count; i++) expect(read(four, 3 * count + i)).toEqual(read(source, i));
      }),
    );
  });

  it("reads many images as it reads each, in any order and more than once, and leaves the source's as they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
        async ({ count, side, seed }, numbers) => {
          const source = noise(count, side, seed);
          const before = Array.from({ length: count }, (_, i) => read(source, i));
          const both = mirrored(waiting(source));
          const indices = Uint32Array.from(numbers, (number) => number % (2 * count));
          const kept = indices.slice();
          const out = new Uint8Array(indices.length * side * side * 3);
          await both.readMany!(indices, out);
          expect([...out]).toEqual([...indices].flatMap((index) => read(both, index)));
          expect(indices).toEqual(kept);
          expect(Array.from({ length: count }, (_, i) => read(source, i))).toEqual(before);
        },
      ),
    );
    expect(mirrored(noise(2, 3, 1)).readMany).toBeUndefined();
  });

  it("an epoch shows every image once each way", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 5 }), ({ count, side, seed }, batch) => {
        const source = noise(count, side, seed);
        const supply = batches(mirrored(source), batch, seed);
        const seen: string[] = [];
        const bytes = side * side * 3;
        while (seen.length < 2 * count) {
          const { images } = supply.next();
          for (let i = 0; i < batch; i++) seen.push(images.slice(i * bytes, (i + 1) * bytes).join());
        }
        const all = Array.from({ length: count }, (_, i) => read(source, i));
        const expected = all.flatMap((image) => [image.join(), flip(image, side).join()]);
        expect(seen.slice(0, 2 * count).sort()).toEqual(expected.sort());
      }),
    );
  });

  it("is what a run draws from only where it is asked for", () => {
    const source = noise(3, 4, 1);
    expect(trainedOn(source, false)).toBe(source);
    expect(trainedOn(source, true).count).toBe(6);
  });
});
