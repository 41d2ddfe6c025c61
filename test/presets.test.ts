/**
 * Every preset is a configuration that can be built: its values are valid together, and both steps
 * can be traced at full size.
 */
import { describe, expect, it } from "vitest";
import { type StepSettings, usesClasses } from "../src/objectives/settings.ts";
import { traceDiscriminatorStep } from "../src/objectives/steps/discriminator-step.ts";
import { traceGeneratorStep } from "../src/objectives/steps/generator-step.ts";
import { partsOf } from "../src/objectives/steps/parts.ts";
import { withDataClasses } from "../src/training/config/classes.ts";
import { loadPreset, presetNames } from "../src/training/config/presets.node.ts";
import { resolveConfig } from "../src/training/config/resolve.ts";
import type { Config } from "../src/training/config/schema.ts";
import { diffConfigs } from "../src/training/run/record/config-diff.ts";

const configOf = (name: string): Config =>
  resolveConfig({ preset: loadPreset(name), sets: [], flags: [] }).config;

/** Data with ten classes. */
const data = {
  labels: new Uint16Array(1),
  classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  summary: { name: "ten classes" },
};

const traced = new Map<string, string>();

/**
 * What the steps are built from, as text: presets that differ only in rates and weights are traced
 * once.
 */
function essence({ data: images, generator, discriminator, objective, training }: StepSettings): string {
  const { resolution, classes } = images;
  const { loss, selfSupervision, turns, rotatedBatch, penalty } = objective;
  const { batchSize, accumulate, augment } = training;
  return JSON.stringify([
    [resolution, classes, generator, discriminator],
    [loss, selfSupervision, turns, rotatedBatch, penalty, batchSize, accumulate, augment],
  ]);
}

describe("presets", () => {
  it.each(presetNames())("%s can be built, and says where it comes from", (name) => {
    expect(loadPreset(name).source, "source").not.toBe("");
    const config = withDataClasses(configOf(name), data);
    expect(config.data.classes).toBe(usesClasses(config) ? 10 : 0);
    const key = essence(config);
    if (traced.has(key)) return;
    traced.set(key, name);
    const parts = partsOf(config);
    for (const step of [traceDiscriminatorStep(parts), traceGeneratorStep(parts)])
      expect(step.loss.shape).toEqual([]);
  });

  const changes = (from: string, to: string): Record<string, unknown> =>
    Object.fromEntries(diffConfigs(configOf(from), configOf(to)).map(({ path, after }) => [path, after]));

  it.each([
    ["paper/robustness/", "cifar10"],
    ["paper/robustness/imagenet128/", "imagenet128"],
  ])(
    "of the robustness study in %s are nine pairs, which differ in what the study varies",
    (folder, data) => {
      const rows = presetNames().filter(
        (name) => name.startsWith(folder) && !name.slice(folder.length).includes("/"),
      );
      expect(rows).toHaveLength(18);
      const allowed = ["discriminator.spectralNorm", "objective.penalty", "objective.lambda"];
      for (const name of rows) {
        const base = `paper/${data}/${name.endsWith("ssgan") ? "ssgan" : "uncond"}`;
        const paths = [...allowed, "optimizer.beta1", "optimizer.beta2", "training.discIters"];
        expect(paths).toEqual(expect.arrayContaining(Object.keys(changes(base, name))));
        if (name.endsWith("uncond"))
          expect(changes(name, name.replace("uncond", "ssgan"))).toEqual({
            "objective.selfSupervision": "rotation",
          });
      }
      expect(new Set(rows.map((name) => JSON.stringify(configOf(name)))).size).toBe(18);
      // The row whose FID is known is the paper's own setting.
      expect(changes(`paper/${data}/ssgan`, `${folder}sn-b0-d2-ssgan`)).toEqual({});
    },
  );

  it("of the robustness study vary the same on both data sets", () => {
    const imagenet = "paper/robustness/imagenet128/";
    for (const name of presetNames().filter((name) => name.startsWith(imagenet))) {
      const row = name.slice(imagenet.length);
      const side = row.split("-").at(-1)!;
      expect(changes(`paper/imagenet128/${side}`, name), row).toEqual(
        changes(`paper/cifar10/${side}`, `paper/robustness/${row}`),
      );
    }
  });

  it("of S3GAN differ from their bases by what it adds", () => {
    const own = {
      "data.unlabeled": "keep",
      "discriminator.conditioning": "predicted",
      "objective.auxiliary": "classes:1",
    };
    expect(changes("laptop", "few-labels")).toEqual({ ...own, "generator.norm": "conditional" });
    expect(changes("compare_gan/biggan-imagenet128", "compare_gan/s3gan-imagenet128")).toEqual({
      ...own,
      "objective.selfSupervision": "rotation",
      "objective.rotatedBatch": 512,
    });
  });

  it("of the paper's four models differ by what they are named after", () => {
    for (const folder of ["cifar10", "imagenet128", "lsun-bedroom128", "celebahq128"]) {
      const ssgan = `paper/${folder}/ssgan`;
      expect(changes(`paper/${folder}/uncond`, ssgan)).toEqual({ "objective.selfSupervision": "rotation" });
      expect(changes(ssgan, `${ssgan}-sbn`)).toEqual({ "generator.norm": "self-modulated" });
    }
    for (const folder of ["cifar10", "imagenet128"]) {
      expect(changes(`paper/${folder}/uncond`, `paper/${folder}/cond`)).toEqual({
        "generator.norm": "conditional",
        "discriminator.conditioning": "projection",
      });
      expect(changes(`paper/${folder}/ssgan`, `paper/${folder}/rot-only`)).toEqual({
        "objective.selfSupervision": "rotation-only",
      });
    }
  });
});
