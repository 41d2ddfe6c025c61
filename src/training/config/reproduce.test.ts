import { expect, it } from "vitest";
import { flattenConfig, parseConfig } from "./check.ts";
import { loadPreset } from "./presets.node.ts";
import { reproduce } from "./reproduce.node.ts";
import { resolveConfig } from "./resolve.ts";

const configOf = (preset: string, ...sets: string[]) =>
  resolveConfig({ preset: loadPreset(preset), sets, flags: [] }).config;

it("names the preset a run was begun with, and what was changed", () => {
  const config = configOf("paper/cifar10/ssgan", "optimizer.learningRate=0.001", "training.steps=500");
  const { preset, changes, command } = reproduce(config, "cifar10:PATH");
  expect(preset).toBe("paper/cifar10/ssgan");
  expect(changes.map(({ path, after }) => [path, after])).toEqual([["optimizer.learningRate", 0.001]]);
  expect(command).toBe(
    "quarterturn train cifar10:PATH --preset paper/cifar10/ssgan --steps 500 --seed 1 --set optimizer.learningRate=0.001",
  );
});

it("what the command says leads to the same configuration, for any preset and odd values", () => {
  for (const name of ["laptop", "mimicry/ssgan-48", "paper/robustness/gp10-b5-d1-ssgan"]) {
    const config = configOf(name, "training.augment=colour,cutout", "training.ema=0", "training.seed=7");
    const { preset, changes } = reproduce(config, undefined);
    const again = configOf(
      preset,
      ...changes.map(({ path, after }) => `${path}=${JSON.stringify(after)}`.replaceAll('"', "")),
    );
    const expected = parseConfig({ ...flattenConfig(config), "training.seed": again.training.seed });
    expect(again).toEqual(expected);
  }
});

it("words that a shell would take apart are quoted", () => {
  expect(reproduce(configOf("laptop"), "my cat's pictures").command).toContain(
    "train 'my cat'\\''s pictures' --preset",
  );
});
