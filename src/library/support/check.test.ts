/** What the library refuses of a call, whatever it is given. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import * as kind from "./check.ts";

interface Call {
  readonly data?: string;
  readonly steps?: number;
  readonly set?: object;
}
const KINDS: kind.Kinds<Call> = { data: kind.text, steps: kind.whole(1), set: kind.values };

/** What is thrown for a call, as people read it; undefined when nothing is. */
function refusal(call: unknown): string | undefined {
  try {
    kind.checkCall<Call>("train", call, KINDS);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${error.message} ${error.hint}`;
  }
}

describe("checkCall", () => {
  it("takes what is known, and undefined for what is left out", () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ data: "pictures", steps: 3, set: { "a.b": 1 } })).toBeUndefined();
    expect(refusal({ data: undefined })).toBeUndefined();
  });

  it("suggests the nearest name for a slip of the finger", () => {
    expect(refusal({ dta: "x" })).toMatch(/Unknown option "dta".*Did you mean "data"/);
    expect(refusal({ Steps: 3 })).toMatch(/Did you mean "steps"/);
    expect(refusal({ dta: undefined })).toMatch(/Unknown option "dta"/);
  });

  it("says where values of the configuration belong", () => {
    expect(refusal({ "generator.learningRate": 0.1 })).toMatch(/belong into set/);
  });

  it.each([
    [{ steps: "10" }, /steps is a whole number ≥ 1, got the text "10"/],
    [{ steps: 2.5 }, /steps is a whole number ≥ 1, got 2.5/],
    [{ steps: Number.NaN }, /got NaN/],
    [{ data: 5 }, /data is a text, got 5/],
    [{ data: null }, /data is a text, got null/],
    [{ set: ["a=1"] }, /set is an object of values.*got a list/],
    ["pictures", /the options are an object, got the text "pictures"/],
    [null, /the options are an object, got null/],
  ])("refuses %j", (call, words) => {
    expect(refusal(call)).toMatch(words);
  });

  it("never lets another name through, those every object has included", () => {
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom("constructor", "toString", "hasOwnProperty", "__proto__"),
    );
    fc.assert(
      fc.property(names, fc.anything(), (name, value) => {
        fc.pre(!Object.hasOwn(KINDS, name));
        const call = Object.defineProperty({}, name, { value, enumerable: true });
        expect(refusal(call)).toContain("Unknown option");
      }),
    );
  });
});

describe("checkRun", () => {
  it.each([undefined, "", 5, {}])("refuses %j for a run folder", (run) => {
    expect(() => kind.checkRun("sample", run)).toThrow(/the path of a run folder/);
  });
});
