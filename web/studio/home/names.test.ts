/** What is shown of long names. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { familyNames, namedRows, shortNames, within } from "./names.ts";

describe("names of runs", () => {
  it("show what differs", () => {
    const sweep = (rate: string, seed: number) =>
      `cifar10-ssgan-resnet,optimizer.learningRate=${rate},objective.alpha=0.5,seed=${seed}`;
    expect(shortNames([sweep("0.001", 1), sweep("2e-4", 1), sweep("0.001", 2)])).toEqual([
      "…learningRate=0.001 …seed=1",
      "…learningRate=2e-4 …seed=1",
      "…learningRate=0.001 …seed=2",
    ]);
    expect(shortNames(["pictures-rotation-on", "pictures-rotation-off"])).toEqual(["…on", "…off"]);
  });

  it("are whole where little would be saved, or one is alone", () => {
    for (const names of [["emoji-32", "cats-32"], ["a-1", "a-2"], ["alone-with-a-long-name"], []])
      expect(shortNames(names)).toEqual(names);
    // One of them is the beginning of the others.
    expect(shortNames(["pictures-32", "pictures-32-2"])).toEqual(["…32", "…32-2"]);
  });

  it("are never longer, and stay different", () => {
    const part = fc.constantFrom("rate=0.1", "rate=1e-4", "alpha", "2", "seed=3", "long-part", "…");
    const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(","));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 8 }), (names) => {
        const short = shortNames(names);
        expect(new Set(short).size).toBe(names.length);
        for (const [i, text] of short.entries()) expect(text.length).toBeLessThanOrEqual(names[i]!.length);
      }),
    );
  });
});

it("a text that is too long keeps both ends", () => {
  expect(within("0123456789", 10)).toBe("0123456789");
  expect(within("cifar-rate=0.001,seed=2", 12)).toBe("cifar-…eed=2");
  for (const most of [5, 6, 11]) expect(within("x".repeat(40), most)).toHaveLength(most);
});

it("runs that are compared are short within their family, however they are mixed", () => {
  const ids = ["big-sweep-rate=0.1", "emoji-32", "big-sweep-rate=0.2"];
  expect(familyNames(ids)).toEqual(["…rate=0.1", "emoji-32", "…rate=0.2"]);
  // Two families that would look alike.
  const twins = ["big-sweep-rate=0.1", "big-sweep-rate=0.2", "old-sweep-rate=0.1", "old-sweep-rate=0.2"];
  expect(familyNames(twins)).toEqual(twins);
});

it("a list says once what the names of a sweep have in common, and leaves the others alone", () => {
  const ids = ["emoji-32", "sweep/cifar10-ssgan-rate=0.001", "sweep/cifar10-ssgan-rate=0.002", "zoo"];
  expect(namedRows(ids)).toEqual([
    { id: "emoji-32", name: "emoji-32", heading: undefined },
    { id: ids[1], name: "…rate=0.001", heading: "sweep/cifar10-ssgan-…" },
    { id: ids[2], name: "…rate=0.002", heading: undefined },
    { id: "zoo", name: "zoo", heading: undefined },
  ]);
});
