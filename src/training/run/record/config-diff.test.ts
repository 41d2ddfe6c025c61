/** Which changes of a configuration a run survives. */
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../config/check.ts";
import { fakeConfig } from "../../testing/fake.ts";
import { compareConfigs, describeChange, diffConfigs, essentials } from "./config-diff.ts";

const base = fakeConfig();

describe("configuration changes", () => {
  it("are found by path, added and removed ones too", () => {
    expect(diffConfigs({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 4 }, e: null })).toEqual([
      { path: "a.c", before: 2, after: 4 },
      { path: "d", before: 3, after: undefined },
      { path: "e", before: undefined, after: null },
    ]);
    expect(describeChange({ path: "d", before: 3, after: undefined })).toBe("d: 3 → (not set)");
  });

  it("are allowed where they change nothing that is computed", () => {
    const later = fakeConfig({ steps: 99, checkpointEvery: 1, sampleEvery: 1, keepCheckpoints: 9 });
    expect(compareConfigs(base, later)).toEqual({ refused: [], notes: [] });
    expect(essentials(later)).toBe(essentials(base));
  });

  it("of where the images lie are a matter of the images", () => {
    const elsewhere = { ...base, data: { ...base.data, source: "/new" } };
    const { refused, moved } = compareConfigs({ ...base, data: { ...base.data, source: "/old" } }, elsewhere);
    expect([refused, moved]).toEqual([[], { path: "data.source", before: "/old", after: "/new" }]);
  });

  it("called like what JavaScript's objects have are changes", () => {
    const change = { path: "toString", before: undefined, after: 1 };
    expect(compareConfigs(base, { ...base, toString: 1 }).refused).toEqual([change]);
  });

  it("are allowed with a note where only the rounding changes", () => {
    const verdict = compareConfigs(base, { ...base, engine: { ...base.engine, threads: 2 } });
    expect(verdict.refused).toEqual([]);
    expect(verdict.notes).toEqual([expect.stringMatching(/^engine\.threads: 1 → 2: .*no longer bit-equal/)]);
  });

  it("of the length are noted when the learning rate depends on it", () => {
    const decaying = { ...base, optimizer: { ...base.optimizer, decay: "linear" } };
    const longer = { ...decaying, training: { ...base.training, steps: 50 } };
    expect(compareConfigs(decaying, longer).notes).toEqual([expect.stringContaining("new last step")]);
  });

  it("are refused otherwise, and change the hash", () => {
    const other = fakeConfig({ seed: 9 });
    expect(compareConfigs(base, other).refused).toEqual([{ path: "training.seed", before: 3, after: 9 }]);
    expect(essentials(other)).not.toBe(essentials(base));
    const { data, ...rest } = base;
    expect(essentials({ ...rest, data })).toBe(essentials(base));
  });

  it("of the length are noted when alpha changes over the run", () => {
    const annealed = { ...base, objective: { ...base.objective, alphaEnd: 0 } };
    const longer = { ...annealed, training: { ...base.training, steps: 50 } };
    expect(compareConfigs(annealed, longer).notes).toEqual([expect.stringContaining("new last step")]);
  });

  it("that a later version brings are none while they are at their default", () => {
    const now = parseConfig({});
    const then = structuredClone(now) as unknown as Record<string, Record<string, unknown>>;
    for (const [section, key] of [
      ["data", "classes"],
      ["objective", "turns"],
      ["training", "augment"],
    ] as const)
      delete then[section]![key];
    expect(compareConfigs(then, now)).toEqual({ refused: [], notes: [] });
    expect(essentials(then)).toBe(essentials(now));
    const other = parseConfig({ "training.augment": "cutout" });
    expect(compareConfigs(then, other).refused).toEqual([
      { path: "training.augment", before: undefined, after: "cutout" },
    ]);
    expect(essentials(other)).not.toBe(essentials(now));
  });

  it("of a first value to its default still change the hash", () => {
    const { optimizer, ...rest } = parseConfig({});
    const { beta1: _, ...less } = optimizer;
    expect(essentials({ ...rest, optimizer: less })).not.toBe(essentials({ ...rest, optimizer }));
  });
});
