import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { option } from "../../base/option-names.ts";
import { diffConfigs } from "../run/record/config-diff.ts";
import { flattenConfig, parseConfig } from "./check.ts";
import { configTable, describeConfig } from "./describe.ts";
import { completePreset, parsePreset } from "./preset.ts";
import { loadPreset, presetNames } from "./presets.node.ts";
import { resolveConfig } from "./resolve.ts";

const bare = { name: "bare", description: "", source: "", values: {}, sources: {} };
const withSets = (...sets: string[]) => resolveConfig({ preset: bare, sets, flags: [] });
const refusal = (...sets: string[]): UserError => {
  try {
    withSets(...sets);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`accepted: ${sets.join(" ")}`);
};

it("a device that is called otherwise elsewhere is told by the names it has here", () => {
  expect(() => parseConfig({ "engine.device": "gpu" })).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^Did you mean "cuda" .*"webgpu"/) }),
  );
  expect(() => parseConfig({ "engine.device": "cpuu" })).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^Did you mean "cpu"\?/) }),
  );
});

describe("the schema", () => {
  it("completes nothing to the paper's values", () => {
    const config = parseConfig({});
    expect(config.optimizer).toMatchObject({ learningRate: 2e-4, beta1: 0, beta2: 0.9, decay: "none" });
    expect(config.objective).toMatchObject({
      loss: "hinge",
      selfSupervision: "rotation",
      alpha: 0.2,
      beta: 1,
    });
    expect(config.training).toMatchObject({ batchSize: 64, discIters: 2 });
    expect([config.generator.width, config.discriminator.width]).toEqual([256, 128]);
  });

  it("says type, source and meaning of every value, and describes the default it really has", () => {
    const defaults = flattenConfig(parseConfig({}));
    const rows = describeConfig();
    expect(rows.map((row) => row.path).sort()).toEqual(Object.keys(defaults).sort());
    for (const row of rows) {
      expect(row.default, row.path).toEqual(defaults[row.path]);
      for (const text of [row.type, row.source, row.description]) expect(text, row.path).not.toBe("");
      expect(configTable()).toContain(`\`${row.path}\``);
    }
  });

  it("comes back unchanged from its flat form", () => {
    const config = withSets("training.steps=7", "data.source=pictures").config;
    expect(parseConfig(flattenConfig(config))).toEqual(config);
  });
});

describe("overrides", () => {
  it("read YAML, but leave text as it is typed", () => {
    const { config } = withSets("training.steps=1e3", "discriminator.spectralNorm=false", "data.source=007");
    expect(config.training.steps).toBe(1000);
    expect(config.discriminator.spectralNorm).toBe(false);
    expect(config.data.source).toBe("007");
    expect(withSets("data.source=null").config.data.source).toBeNull();
    expect(withSets("data.source=cifar10:C:\\my data=x").config.data.source).toBe("cifar10:C:\\my data=x");
  });

  it("win in the order preset, set, flag, and say so", () => {
    const preset = parsePreset("p", "training:\n  steps: 1 # a guess\n  seed: 4\n");
    const flags = [{ flag: "--batch", path: "training.batchSize", value: 32 }];
    const { config, reasons } = resolveConfig({
      preset,
      sets: ["training.seed=5", "training.seed=6"],
      flags,
    });
    expect(config.training).toMatchObject({ steps: 1, seed: 6, batchSize: 32 });
    expect(reasons["training.steps"]).toBe("preset p: a guess");
    expect(reasons["training.seed"]).toBe(`given by ${option("set")}`);
    expect(reasons["training.batchSize"]).toBe("given by --batch");
    expect(reasons["optimizer.beta1"]).toMatch(/^default \(/);
    const run = { ...preset, name: "runs/a/config.json", reason: "as the run was begun" };
    const begun = resolveConfig({ preset: run, sets: [], flags }).reasons;
    expect(begun["training.steps"]).toBe("as the run was begun");
    expect(begun["training.batchSize"]).toBe("given by --batch");
  });

  it("refuse a value given twice in different ways", () => {
    const flags = [{ flag: "--steps", path: "training.steps", value: 9 }];
    expect(() => resolveConfig({ preset: bare, sets: ["training.steps=8"], flags })).toThrow(
      /8 by set and 9 by --steps/,
    );
    expect(resolveConfig({ preset: bare, sets: ["training.steps=9"], flags }).config.training.steps).toBe(9);
  });

  it.each([
    ["training.step=1", /training\.step"/, /Did you mean "training\.steps"/],
    ["batchSize=3", /batchSize"/, /Did you mean "training\.batchSize"/],
    ["nothing.such=3", /nothing\.such"/, /Sections: data, generator/],
    ["data=x", /"data"/, /data\.source/],
    [
      "generator.architecture=resnet-cfar",
      /expected resnet-cifar, .* or [a-z0-9-]+, got "resnet-cfar" \(set\)/,
      /Did you mean "resnet-cifar"/,
    ],
    ["training.steps=many", /training\.steps: expected whole number ≥ 1, got "many"/, /Default: 100000/],
    ["training.steps=0", /expected whole number ≥ 1/, undefined],
    ["training.steps=[1]", /expected whole number ≥ 1, got "\[1\]"/, undefined],
    ["training.steps=", /value is missing/, undefined],
    ["training.steps", /expected path=value/, undefined],
    ["optimizer.beta1=1", /number ≥ 0, < 1/, undefined],
    ["objective.rotatedBatch=66", /a multiple of 4/, undefined],
    ["objective.alphaEnd=-1", /alphaEnd: expected number ≥ 0 or null, got "-1"/, undefined],
    ["optimizer.discriminatorLearningRate=2", /expected number > 0, ≤ 1 or null, got "2"/, undefined],
    ["data.resolution=40", /expected 4, 8, .* or 256, got "40"/, /Did you mean "(32|48)"/],
    ["data.resolution=100", /got "100"/, /Did you mean "128"/],
    ["data.resolution=large", /got "large"/, /^(?!.*Did you mean)/],
    ["objective.rotatedBatch=512", /takes 128 images .*batchSize is only 64/, /rotatedBatch=256/],
    ["objective.lambda=10", /penalty is none/, /at 0/],
    [
      "generator.architecture=sngan-resnet",
      /images in \[-1, 1\].*images in \[0, 1\]/,
      /discriminator\.architecture=sngan-resnet/,
    ],
  ])("refuse %s in plain words", (set, message, hint) => {
    const error = refusal(set);
    expect(error.message).toMatch(message);
    if (hint) expect(error.written(asFlag).hint).toMatch(hint);
  });

  it("refuse what could have no effect", () => {
    expect(refusal("objective.selfSupervision=none", "objective.alpha=0.5").message).toMatch(/no effect/);
    expect(withSets("objective.selfSupervision=none").config.objective.selfSupervision).toBe("none");
  });

  it("end in a configuration or a UserError, whatever is typed", () => {
    const path = fc.constantFrom(...describeConfig().map((row) => row.path));
    fc.assert(
      fc.property(path, fc.string(), (where, text) => {
        try {
          withSets(`${where}=${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

describe("presets", () => {
  it.each(presetNames())("%s is valid and says where every value comes from", (name) => {
    const preset = loadPreset(name);
    expect(preset.description).not.toBe("");
    for (const path of Object.keys(preset.values)) expect(preset.sources[path], path).toBeTruthy();
    expect(() => resolveConfig({ preset, sets: [], flags: [] })).not.toThrow();
  });

  it("differ between the paper's two in self-supervision alone", () => {
    const [ssgan, uncond] = ["paper/cifar10/ssgan", "paper/cifar10/uncond"].map(
      (name) => resolveConfig({ preset: loadPreset(name), sets: [], flags: [] }).config,
    );
    expect(diffConfigs(ssgan!, uncond!)).toEqual([
      { path: "objective.selfSupervision", before: "rotation", after: "none" },
    ]);
  });

  it("suggest the nearest name", () => {
    expect(() => loadPreset("labtop")).toThrow(/Unknown preset "labtop"/);
    expect(() => loadPreset("../package")).toThrow(UserError);
  });

  it("take over what they extend, with its sources, and say themselves what is different", () => {
    const texts: Record<string, string> = {
      base: "source: a book\ndescription: basis\ntraining:\n  steps: 10 # page 1\n  seed: 4 # page 2\n",
      middle: "extends: base\ntraining:\n  seed: 5 # page 3\n",
      top: "extends: middle\ndescription: the top\noptimizer:\n  beta1: 0.5 # page 4\n",
    };
    const preset = completePreset("top", (name) => parsePreset(name, texts[name]!));
    expect(preset).toEqual({
      name: "top",
      description: "the top",
      source: "a book",
      values: { "training.steps": 10, "training.seed": 5, "optimizer.beta1": 0.5 },
      sources: { "training.steps": "page 1", "training.seed": "page 3", "optimizer.beta1": "page 4" },
    });
  });

  it("must not extend each other in a circle, or something that is not there", () => {
    const read = (name: string) => parsePreset(name, `extends: ${{ a: "b", b: "c", c: "b" }[name]}\n`);
    expect(() => completePreset("a", read)).toThrow(/presets b → c → b extend each other/);
    expect(() => completePreset("self", (name) => parsePreset(name, "extends: self\n"))).toThrow(
      /self → self/,
    );
    expect(() => parsePreset("p", "extends: [a]\n")).toThrow(UserError);
  });

  it("refuse values that do not exist, and text that is not YAML", () => {
    expect(() => parsePreset("p", "training:\n  step: 1\n")).toThrow(/training\.step.*preset p/);
    expect(() => parsePreset("p", "trainin:\n  steps: 1\n")).toThrow(UserError);
    expect(() => parsePreset("p", "a: [")).toThrow(/not valid YAML/);
  });
});
