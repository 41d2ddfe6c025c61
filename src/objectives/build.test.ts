/**
 * Which programs there are for a penalty that is not in every update, and for a loss that pairs
 * images, and what they share.
 */
import { describe, expect, it } from "vitest";
import { STANDARD_TARGET } from "../graph/index.ts";
import type { Program } from "../graph/program.ts";
import { buildSteps } from "./build.ts";
import type { SettingsOverrides } from "./paper-settings.ts";
import type { StepSettings } from "./settings.ts";
import { type Run, run, tiny } from "./testing/run-steps.ts";

const once = (settings: StepSettings): Promise<Run> =>
  run(settings, (steps) => [[steps.discriminatorStep, {}]]);

describe("a lazy penalty", () => {
  const lazy = (overrides: SettingsOverrides = {}): StepSettings =>
    tiny({
      ...overrides,
      objective: { penalty: "r1-r2", penaltyEvery: 4, ...overrides.objective },
      data: { classes: 3 },
      generator: { norm: "conditional" },
      discriminator: { conditioning: "projection" },
    });

  it.each([1, 2])("has a program without it over the same state, %d micro-batches", (accumulate) => {
    const steps = buildSteps(lazy({ training: { accumulate } }), STANDARD_TARGET);
    const pairs = [
      [steps.discriminatorStep, steps.lazy!.programs[""]!.discriminatorStep],
      ...(accumulate > 1
        ? [[steps.accumulating!.discriminatorStep, steps.lazy!.programs[""]!.accumulating!]]
        : []),
    ] as [Program, Program][];
    expect(pairs).toHaveLength(accumulate);
    const shapes = (bindings: Program["reads"]) => bindings.map(({ name, shape }) => [name, shape]).sort();
    for (const [penalized, plain] of pairs) {
      expect(plain.name).not.toBe(penalized.name);
      expect(shapes(plain.reads)).toEqual(shapes(penalized.reads));
      expect(shapes(plain.writes)).toEqual(shapes(penalized.writes));
      const feeds = ({ feeds: all }: Program) => all.map(({ name }) => name);
      expect(feeds(plain)).toEqual(feeds(penalized).filter((name) => name !== "lambda"));
      const results = ({ results: all }: Program) => all.map(({ name }) => name);
      expect(results(plain)).toEqual(results(penalized).filter((name) => name !== "penalty"));
    }
  });

  it("is left out by updates without it, which do what those without any penalty do", async () => {
    const without = await run(lazy(), (steps) => [[steps.lazy!.programs[""]!.discriminatorStep, {}]]);
    const none = await once(lazy({ objective: { penalty: "none" } }));
    expect(none.steps.lazy).toBeUndefined();
    expect(without.results).toEqual(none.results);
    expect(without.after).toEqual(none.after);
    const withIt = await once(lazy());
    expect(withIt.after["discriminator/parameters"]).not.toEqual(none.after["discriminator/parameters"]);
  });

  it("has no such program where it is in every update", () => {
    expect(buildSteps(lazy({ objective: { penaltyEvery: 1 } }), STANDARD_TARGET).lazy).toBeUndefined();
  });
});

describe("the relativistic loss", () => {
  const settings = tiny({
    data: { classes: 3 },
    generator: { norm: "conditional" },
    discriminator: { conditioning: "projection" },
    objective: { loss: "relativistic" },
    training: { augment: "translation" },
  });

  it("shows the generator's step real images with their classes, changed like all others", () => {
    const { generatorStep, draws } = buildSteps(settings, STANDARD_TARGET);
    const feeds = generatorStep.feeds.map(({ name, dtype }) => `${name} ${dtype}`);
    expect(feeds).toEqual(expect.arrayContaining(["images uint8", "labels int64"]));
    expect(draws.generatorStep.map(({ name }) => name).sort()).toEqual([
      "augmentFake",
      "augmentReal",
      "fakeLabels",
      "latents",
    ]);
  });
});

it("takes Adam's beta2 as a feed where it changes over the run, and only there", () => {
  const fed = (beta2End: number | null): boolean[] => {
    const { discriminatorStep, generatorStep } = buildSteps(
      tiny({ optimizer: { beta2End } }),
      STANDARD_TARGET,
    );
    return [discriminatorStep, generatorStep].map(({ feeds }) => feeds.some(({ name }) => name === "beta2"));
  };
  expect(fed(0.99)).toEqual([true, true]);
  expect(fed(null)).toEqual([false, false]);
});
