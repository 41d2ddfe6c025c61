import { describe, expect, it } from "vitest";
import { detectBlock } from "./detect-blocked-layout.ts";

/** A machine whose blocked operators behave as given for blocks of `works`. */
const machine =
  (works: number, blocked: (expected: Float32Array) => Float32Array) =>
  async (program: { readonly name: string }): Promise<Float32Array> => {
    const expected = Float32Array.of(1, 2, 3);
    const block = Number(/blocks of (\d+)/.exec(program.name)![1]);
    if (block === 0) return expected;
    if (block !== works) throw new Error("Could not find an implementation for Conv(1)");
    return blocked(expected);
  };

describe("detectBlock", () => {
  it("takes the block that works", async () => {
    expect(await detectBlock(machine(16, (y) => y))).toBe(16);
    expect(await detectBlock(machine(8, (y) => y))).toBe(8);
  });

  it("does without where the operators are missing", async () => {
    expect(await detectBlock(machine(-1, (y) => y))).toBe(0);
  });

  it("does without where they compute something else", async () => {
    expect(await detectBlock(machine(8, (y) => y.map((v) => v + 0.01)))).toBe(0);
    expect(await detectBlock(machine(16, (y) => y.map(() => Number.NaN)))).toBe(0);
  });
});
