/**
 * Values that do nothing beside others, and settings that train nothing useful: refused where
 * somebody gave them, said where a preset did.
 */

import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { loadPreset, presetNames } from "./presets.node.ts";
import { type FlagValue, resolveConfig } from "./resolve.ts";

const bare = { name: "bare", description: "", source: "", values: {}, sources: {} };
const resolve = (...sets: string[]) => resolveConfig({ preset: bare, sets, flags: [] });
const steps = (value: number): FlagValue => ({ flag: "--steps", path: "training.steps", value });
const refusal = (...sets: string[]): UserError => {
  try {
    resolve(...sets);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("accepted");
};

describe("values without effect", () => {
  it.each([
    ["objective.alphaEnd=0", "objective.selfSupervision=none"],
    ["objective.turns=one", "objective.selfSupervision=none"],
    ["objective.alpha=1", "objective.selfSupervision=rotation-la"],
    ["objective.betaEnd=1", "objective.selfSupervision=rotation-la"],
    ["objective.rotatedBatch=32", "objective.selfSupervision=rotation-la"],
    ["objective.alphaEnd=1", "objective.selfSupervision=rotation-da"],
    ["objective.loss=wasserstein", "objective.selfSupervision=rotation-only"],
    ["objective.penaltyEvery=4", "objective.penalty=none"],
    ["objective.penaltyEvery=16"],
    ["optimizer.decayStart=10", "optimizer.decay=none"],
    ["optimizer.decayRate=0.5", "optimizer.decay=linear"],
    ["optimizer.decayFloor=0.5", "optimizer.decay=staircase"],
    ["objective.lambdaEnd=0.5", "objective.penalty=none"],
    ["training.curve=cosine", "objective.alphaEnd=null"],
    ["training.emaHalfLife=500", "training.ema=0"],
    ["training.ema=0.99", "training.emaHalfLife=500"],
    ["optimizer.decayStart=4000", "optimizer.decay=linear", "training.steps=4000"],
    ["optimizer.decayStart=5000", "optimizer.decay=exponential", "training.steps=4000"],
    ["generator.standingSamples=64", "generator.statistics=running"],
    ["training.emaStart=500", "training.ema=0"],
    ["training.emaStart=9000", "training.steps=4000"],
    ["training.evaluateFeatures=inception"],
    ["training.evaluateProtocol=mimicry"],
    ["training.evaluateSamples=100"],
    ["training.keepBest=kid"],
    ["training.probeData=classes"],
    ["data.classes=10", "generator.norm=batch"],
  ])("%s is refused (%s %s)", (...sets) => {
    const error = refusal(...sets.filter((set) => set !== undefined));
    expect(error.message).toMatch(
      new RegExp(`^${sets[0]!.split("=")[0]!.replace(".", "\\.")} is given, but .*no effect`),
    );
    expect(error.written(asFlag).hint).toMatch(/^Leave .* out, or use (--set|at least)/);
  });

  it("a shortcut behind an activation is refused where blocks begin with none", () => {
    const r3gan = ["generator", "discriminator"].map((network) => `${network}.architecture=r3gan`);
    const { message, hint } = refusal("discriminator.shortcut=activated", ...r3gan);
    expect(message).toMatch(/^discriminator\.shortcut is given, but .* begin with an activation/);
    expect(hint).toMatch(/a residual network/);
  });

  it("are accepted once they have one, which the hint says how to reach", () => {
    const hint = (...sets: string[]) => Number(/at least (\d+) steps/.exec(refusal(...sets).hint ?? "")?.[1]);
    const decay = ["optimizer.decayStart=4000", "optimizer.decay=linear"];
    const enough = hint(...decay, "training.steps=4001");
    expect(() => resolve(...decay, `training.steps=${enough}`)).not.toThrow();
    const average = "training.emaStart=4000";
    expect(() => resolve(average, `training.steps=${hint(average, "training.steps=9")}`)).not.toThrow();
    expect(() =>
      resolve("training.evaluateEvery=9", "training.evaluateFeatures=x", "training.keepBest=kid"),
    ).not.toThrow();
    expect(() => resolve("objective.loss=wasserstein")).not.toThrow();
  });

  it("are accepted where they say what is so anyway", () => {
    expect(() => resolve("training.ema=0", "training.emaStart=0")).not.toThrow();
    expect(() => resolve("training.keepBest=none")).not.toThrow();
  });
});

describe("a short trial", () => {
  it.each(presetNames())("of %s is not refused for what the preset says of a long run", (name) => {
    const preset = loadPreset(name);
    const { warnings } = resolveConfig({ preset, sets: [], flags: [steps(3)] });
    const { training } = resolveConfig({ preset, sets: [], flags: [] }).config;
    expect(warnings.filter((text) => text.startsWith("training.emaStart"))).toHaveLength(
      training.ema > 0 && training.emaStart > 3 ? 1 : 0,
    );
  });

  it("says what the preset's values do not do in it", () => {
    const preset = {
      ...bare,
      name: "long",
      values: { "optimizer.decay": "linear", "optimizer.decayStart": 400, "training.emaStart": 100 },
      sources: { "training.emaStart": "page 3" },
    };
    const { warnings } = resolveConfig({ preset, sets: [], flags: [steps(50)] });
    expect(warnings).toEqual([
      expect.stringMatching(/^training\.emaStart is 100 \(preset long: page 3\), and the run has 50 steps/),
      expect.stringMatching(/^optimizer\.decayStart is 400 \(preset long\).*learning rates stay/),
    ]);
    expect(resolveConfig({ preset, sets: [], flags: [steps(500)] }).warnings).toEqual([]);
  });
});

describe("settings that train nothing useful", () => {
  const only = "objective.selfSupervision=rotation-only";
  const [noAlpha, noBeta] = ["objective.alpha=0", "objective.beta=0"];

  it.each([
    [[only, noAlpha], /generator would never be trained/, /alpha=0\.2/],
    [[only, noAlpha, "objective.alphaEnd=0"], /generator would never be trained/, /alpha=0\.2/],
    [[only, noBeta], /discriminator would never be trained/, /beta=1/],
    [[noAlpha, noBeta], /nothing learned of it/, /selfSupervision=none/],
  ])("%j is refused", (sets, message, hint) => {
    const error = refusal(...sets);
    expect(error.message).toMatch(message);
    expect(error.written(asFlag).hint).toMatch(hint);
  });

  it("are not those in which a weight comes or goes, or one of the two is 0", () => {
    for (const sets of [
      [only],
      [noAlpha],
      [only, noAlpha, "objective.alphaEnd=0.2"],
      [only, "objective.alphaEnd=0"],
      [only, noBeta, "objective.betaEnd=1"],
      [noAlpha, noBeta, "objective.betaEnd=1"],
    ])
      expect(() => resolve(...sets), sets.join(" ")).not.toThrow();
  });

  it("go on in a run that was begun with them, until somebody sets them anew", () => {
    const values = { "objective.selfSupervision": "rotation-only", "objective.alpha": 0 };
    const begun = { ...bare, values };
    expect(() => resolveConfig({ preset: begun, sets: [], flags: [steps(9)] })).not.toThrow();
    expect(() => resolveConfig({ preset: begun, sets: ["objective.alpha=0"], flags: [] })).toThrow(UserError);
  });

  it("are warned of where the Wasserstein loss meets a discriminator that nothing bounds", () => {
    const free = ["training.ema=0", "objective.loss=wasserstein", "discriminator.spectralNorm=false"];
    expect(resolve(...free).warnings).toEqual([expect.stringMatching(/nothing bounds the slope.*wgan-gp/)]);
    expect(resolve(...free, "objective.penalty=l2").warnings).toHaveLength(1);
    for (const more of [
      "discriminator.spectralNorm=true",
      "objective.penalty=wgan-gp",
      "objective.penalty=r1",
      "objective.loss=hinge",
    ])
      expect(resolve(...free, more).warnings, more).toEqual([]);
  });

  it("are warned of where the relativistic loss has neither a penalty on the slope nor spectral norm", () => {
    const free = ["training.ema=0", "objective.loss=relativistic", "discriminator.spectralNorm=false"];
    expect(resolve(...free).warnings).toEqual([
      expect.stringMatching(/relativistic, and nothing bounds.*r1-r2/),
    ]);
    expect(resolve(...free, "objective.penalty=l2").warnings).toHaveLength(1);
    for (const more of [
      "discriminator.spectralNorm=true",
      "objective.selfSupervision=rotation-only",
      ...["r1", "r1-r2", "wgan-gp", "dragan"].map((name) => `objective.penalty=${name}`),
    ]) {
      // The loss has no weight beside rotation alone, and cannot be given there.
      const sets = more.includes("only") ? ["training.ema=0", free[2]!, more] : [...free, more];
      expect(resolve(...sets).warnings, more).toEqual([]);
    }
    // Once in so many updates, it bounds the slope as well.
    expect(resolve(...free, "objective.penalty=r1", "objective.penaltyEvery=16").warnings).toEqual([]);
  });

  it("are not images mirrored or a lazy penalty of the weight that it has", () => {
    const sets = [
      "training.ema=0",
      "data.mirror=true",
      "objective.penalty=r1-r2",
      "objective.penaltyEvery=8",
    ];
    expect(resolve(...sets).warnings).toEqual([]);
  });
});
