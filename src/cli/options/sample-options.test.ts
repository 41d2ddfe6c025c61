import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleRequest } from "../../app/sample/options.ts";
import { refuseIdleTruncation, samplePath } from "../../app/sample/picture-file.ts";
import { UserError } from "../../base/errors.ts";
import { sampleLatents } from "../../training/sampling/latents.ts";
import { commandOptions } from "../command.ts";
import { readSampleOptions } from "./sample-options.ts";

const read = (...argv: string[]) =>
  sampleRequest(
    readSampleOptions({
      args: ["runs/a"],
      options: commandOptions(argv, ["count", "frames", "seed", "truncation", "step", "out"]),
    }),
  );

describe("what sample is asked for", () => {
  it("is a grid of 64 of the averaged weights unless told otherwise", () => {
    expect(read()).toMatchObject({ as: "grid", count: 64, seed: 0, ema: undefined, step: undefined });
    expect(read("--files", "--no-ema")).toMatchObject({ as: "files", ema: false });
    expect(read("--interpolate", "--files")).toMatchObject({ as: "walk", frameFiles: true, count: 16 });
  });

  it("is no truncation of what is never so large", () => {
    expect(() => refuseIdleTruncation(read("--truncation", "1.5"), "uniform")).toThrow(
      /would change nothing/,
    );
    for (const [given, distribution] of [
      [["--truncation", "1.5"], "normal"],
      [["--truncation", "0.5"], "uniform"],
      [[], "uniform"],
    ] as const)
      expect(() => refuseIdleTruncation(read(...given), distribution)).not.toThrow();
  });

  it("is refused where it contradicts itself", () => {
    for (const bad of [
      ["--frames", "8"],
      ["--out", "x.gif"],
      ["--interpolate", "--out", "x.png"],
      ["--files", "--out", "x.png"],
      ["--truncation", "0"],
      ["--count", "0"],
    ])
      expect(() => read(...bad), bad.join(" ")).toThrow(UserError);
  });

  it("has a name that says what made it", () => {
    expect(samplePath(read("--seed", "7"), "runs/a", 40, true)).toMatch(/samples.grid-seed7-step40\.png$/);
    expect(samplePath(read("--interpolate", "--truncation", "0.5"), "runs/a", 40, false)).toMatch(
      /walk-seed0-step40-latest-truncation0\.5\.gif$/,
    );
  });
});

describe("latents of a seed", () => {
  it("stay within the truncation, and only those beyond it change", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.double({ min: 0.3, max: 3, noNaN: true }), (seed, limit) => {
        const free = sampleLatents(seed, 4, 8, "normal");
        const cut = sampleLatents(seed, 4, 8, "normal", limit);
        for (const [i, value] of cut.entries()) {
          expect(Math.abs(value)).toBeLessThanOrEqual(limit);
          if (Math.abs(free[i]!) <= limit) expect(value).toBe(free[i]);
        }
      }),
    );
  });

  it("begin the same, however many there are", () => {
    expect(sampleLatents(3, 2, 8, "uniform")).toEqual(sampleLatents(3, 5, 8, "uniform").subarray(0, 16));
    expect(sampleLatents(3, 2, 8, "normal")).not.toEqual(sampleLatents(4, 2, 8, "normal"));
  });
});
