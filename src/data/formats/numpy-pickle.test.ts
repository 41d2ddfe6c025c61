import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PickleError } from "../../base/pickle/values.ts";
import { NumpyArray, textOf, unpickle } from "./numpy-pickle.ts";

const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../test/goldens/data/${name}`, import.meta.url));
const expected = Uint8Array.from({ length: 3 * 3072 }, (_, at) => {
  const [i, j] = [Math.floor(at / 3072), at % 3072];
  return (50 * i + 20 * Math.floor(j / 1024) + (j % 1024)) % 251;
});
const bytes = (...parts: (number | string)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.of(part))),
  );

describe("pickles that Python wrote", () => {
  it("as Python 2 did", () => {
    const value = unpickle(golden("cifar10-python2.pickle")) as ReadonlyMap<string, unknown>;
    expect([...value.keys()]).toEqual(["batch_label", "labels", "data", "filenames"]);
    expect(value.get("labels")).toEqual([3, 0, 9]);
    expect((value.get("filenames") as unknown[]).map(textOf)).toEqual(["a.png", "b.png", "c.png"]);
    const data = value.get("data") as NumpyArray;
    expect(data).toBeInstanceOf(NumpyArray);
    expect([data.shape, data.dtype]).toEqual([[3, 3072], "u1"]);
    expect(Buffer.compare(data.data, expected)).toBe(0);
  });

  it("as Python 3 does, and in column-major order", () => {
    const value = unpickle(golden("cifar100-protocol2.pickle")) as ReadonlyMap<string, unknown>;
    expect(Buffer.compare((value.get("data") as NumpyArray).data, expected)).toBe(0);
  });
});

describe("what is refused", () => {
  it.each<[string, Uint8Array, RegExp]>([
    [
      "a call of anything",
      golden("evil.pickle"),
      /names "posix\.system", which is no part of a file of images/,
    ],
    ["protocol 4", bytes(0x80, 4, "."), /protocol 4, where a file of images has protocol 2 or 3/],
    ["a text pickle", bytes("(lp0\n."), /instruction 0x6c at byte 1/],
    ["a name as data", bytes(0x80, 2, "cnumpy\nndarray\n."), /holds a name/],
    ["an array that is never filled", bytes("cnumpy\ndtype\nX\x02\0\0\0u1\x85R."), /never filled/],
    ["a name from Object.prototype", bytes("c__proto__\nx\n."), /names "__proto__\.x"/],
    ["an empty stack", bytes("."), /no valid pickle/],
    ["a reference to nothing", bytes("h", 7, "."), /no valid pickle/],
    ["a list that holds itself", bytes("]q", 0, "h", 0, "a."), /nested too deeply/],
    ["nothing", bytes(), /ends in the middle of a pickle/],
  ])("%s", (_, input, message) => {
    expect(() => unpickle(input)).toThrow(PickleError);
    expect(() => unpickle(input)).toThrow(message);
  });

  it("every truncation and most damage end in a PickleError, never in another error", () => {
    const whole = golden("cifar10-python2.pickle");
    fc.assert(
      fc.property(
        fc.nat({ max: whole.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: 300 }),
        (end, byte, at) => {
          expect(() => unpickle(whole.subarray(0, end))).toThrow(PickleError);
          const damaged = Uint8Array.from(whole);
          damaged[at] = byte;
          try {
            unpickle(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(PickleError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
