import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accumulate, mixed } from "../testing/programs.ts";
import { buffersOf, checkFeeds, copyOf, elementCount } from "./feeds.ts";

describe("feeds", () => {
  const good = { flag: new Uint8Array(2), count: new BigInt64Array(2), pixel: new Uint8Array(3) };

  test("those declared pass", () => {
    expect(() => checkFeeds(mixed, good)).not.toThrow();
    expect(() => checkFeeds(accumulate(4), { x: new Float32Array(4) })).not.toThrow();
  });

  test.each([
    [
      "missing",
      { flag: good.flag, count: good.count },
      /feed "pixel" \(uint8 \[3\]\) is missing; given: flag, count/,
    ],
    [
      "one too many",
      { ...good, extra: good.pixel },
      /"extra" is not one of its feeds \(flag, count, pixel\)/,
    ],
    [
      "of another type",
      { ...good, count: new Float32Array(2) },
      /"count" is int64 and takes a BigInt64Array, not a Float32Array/,
    ],
    ["of another length", { ...good, pixel: new Uint8Array(4) }, /3 values, but 4 were given/],
  ])("%s", (_, feeds, message) => {
    expect(() => checkFeeds(mixed, feeds)).toThrow(message);
    expect(() => checkFeeds(mixed, feeds)).toThrow(/^Program "mixed": /);
  });

  test("a shape of n ones or none has one element; a zero makes none", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }), (shape) => {
        expect(elementCount(shape)).toBe(new Array(1).concat(shape).reduce((a, b) => (a ?? 1) * b, 1));
        expect(elementCount([...shape, 1])).toBe(elementCount(shape));
        expect(elementCount([...shape, 0])).toBe(0);
      }),
    );
  });
});

test("a copy holds the view's elements and nothing else, whatever memory it views", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.nat(20), fc.boolean(), (before, length, after, shared) => {
      const total = before + length + after;
      const bytes = 4 * total;
      const store = new Float32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
      store.forEach((_, i) => {
        store[i] = i;
      });
      const copy = copyOf(store.subarray(before, before + length));
      expect([...copy]).toEqual(Array.from({ length }, (_, i) => before + i));
      expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
      expect(copy.buffer.byteLength).toBe(4 * length);
      copy.fill(-1);
      expect([...store]).toEqual(Array.from({ length: total }, (_, i) => i));
    }),
  );
  expect(copyOf(Buffer.from([1, 2]))).toEqual(expect.objectContaining({ 0: 1, 1: 2, length: 2 }));
});

test("a buffer used twice is transferred once", () => {
  const data = new Float32Array(4);
  expect(buffersOf({ a: data, b: data.subarray(1), c: new Uint8Array(1) })).toHaveLength(2);
});
