/**
 * What auxiliary losses do in a step beyond the numbers that are compared with PyTorch's
 * (test/networks/objectives.test.ts).
 */
import { describe, expect, it } from "vitest";
import { STANDARD_TARGET } from "../../src/graph/index.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import type { SettingsOverrides } from "../../src/objectives/paper-settings.ts";
import type { StepSettings } from "../../src/objectives/settings.ts";
import { BATCH, type Run, run, tiny } from "../../src/objectives/testing/run-steps.ts";

const both = (settings: StepSettings): Promise<Run> =>
  run(settings, (steps) => [
    [steps.discriminatorStep, {}],
    [steps.generatorStep, {}],
  ]);

/** The parameters of a network after both steps. */
const parametersAfter = async (network: string, overrides: SettingsOverrides) =>
  (await both(tiny(overrides))).after[`${network}/parameters`]!;

/** One of the numbers that LeCam keeps. */
function kept({ steps }: Run, state: Readonly<Record<string, Float32Array>>, name: string): number {
  const slot = steps.layout.discriminator.buffers.find((one) => one.name === `discriminator/lecam/${name}`)!;
  return state["discriminator/buffers"]![slot.offset]!;
}

describe("the moving averages of LeCam", () => {
  const settings = tiny({ objective: { auxiliary: "lecam:0.3" } });

  it("are of this batch alone after the first update, and the generator's step leaves them", async () => {
    const first = await run(settings, (steps) => [[steps.discriminatorStep, {}]]);
    const second = await both(settings);
    for (const name of ["real", "fake", "weight"]) {
      expect(kept(first, first.before, name)).toBe(0);
      expect(kept(second, second.after, name)).toBe(kept(first, first.after, name));
    }
    expect(kept(first, first.after, "weight")).toBeCloseTo(0.01, 6);
    // Then the terms are of logits around the mean of the other kind.
    expect(first.results[0]!.auxiliaryLecam).toBeGreaterThan(0);
  });

  it("remember every batch, an old one less than a new one", async () => {
    const done = await run(settings, (steps) => [
      [steps.discriminatorStep, {}],
      [steps.discriminatorStep, {}],
    ]);
    expect(kept(done, done.after, "weight")).toBeCloseTo(0.01 * 0.99 + 0.01, 6);
  });
});

describe("a step with auxiliary losses", () => {
  it("has what each of several has alone", async () => {
    const results = async (auxiliary: string) => (await both(tiny({ objective: { auxiliary } }))).results;
    const [lecam, all] = [await results("lecam:0.3"), await results("zcr:20:0.5,lecam:0.3")];
    expect(all[0]!.auxiliaryLecam).toBeCloseTo(lecam[0]!.auxiliaryLecam!, 5);
    expect(Object.keys(all[1]!)).toContain("auxiliaryZcr");
    expect(Object.keys(lecam[1]!).filter((name) => name.startsWith("auxiliary"))).toEqual([]);
  });

  it("leaves a network alone whose weight is 0", async () => {
    const of = (auxiliary: string) => ({ objective: { auxiliary }, generator: { norm: "none" } }) as const;
    expect(await parametersAfter("discriminator", of("zcr:0:5"))).toEqual(
      await parametersAfter("discriminator", of("none")),
    );
    expect(await parametersAfter("generator", of("zcr:0:5"))).not.toEqual(
      await parametersAfter("generator", of("none")),
    );
  });

  it.each(["all", "one"] as const)(
    "judges upright images where a task shows none, turns %s",
    async (turns) => {
      const objective = { selfSupervision: "rotation-la", turns, auxiliary: "bcr:1,lecam:0.3" } as const;
      const { results } = await both(tiny({ objective }));
      expect(results[0]!.auxiliaryBcr).toBeGreaterThan(0);
      expect(results[0]!.loss).toBeCloseTo(
        results[0]!.lossReal! +
          results[0]!.lossFake! +
          results[0]!.auxiliaryBcr! +
          0.3 * results[0]!.auxiliaryLecam!,
        3,
      );
    },
  );

  it("is about single images, whatever is said of a batch as a whole", async () => {
    const numbers = { "cr/real": new Float32Array(BATCH * 3).fill(0.5) };
    // Mirrored nowhere, moved by nothing: the same images, and so the same logits but for the power iterations.
    const settings = tiny({
      discriminator: { batchSpread: true, spectralNorm: false },
      objective: { auxiliary: "cr:1" },
    });
    const done = await run(settings, (steps) => [[steps.discriminatorStep, numbers]]);
    expect(done.results[0]!.auxiliaryCr).toBeCloseTo(0, 8);
  });

  it("draws its numbers from a stream of its own, by names of its own", () => {
    const { draws } = buildSteps(tiny({ objective: { auxiliary: "bcr:1,zcr:1:1" } }), STANDARD_TARGET);
    const drawn = (step: keyof typeof draws) =>
      draws[step].filter(({ stream }) => stream === "auxiliary").map(({ name, values }) => [name, values]);
    expect(drawn("discriminatorStep")).toEqual([
      ["bcr/real", "uniform"],
      ["bcr/fake", "uniform"],
      ["zcr/step", "normal"],
    ]);
    expect(drawn("generatorStep")).toEqual([["zcr/step", "normal"]]);
  });

  it("augments both images of a pair alike, and draws for that once", () => {
    const settings = tiny({ objective: { auxiliary: "zcr:1:1" }, training: { augment: "cutout" } });
    const names = buildSteps(settings, STANDARD_TARGET).draws.discriminatorStep.map(({ name }) => name);
    expect(names.filter((name) => name === "augmentFake")).toHaveLength(1);
  });
});
