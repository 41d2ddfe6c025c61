/** What `train --dry-run` prints: a screen of what matters, or everything. */
import { expect, it } from "vitest";
import { configRows } from "../../../app/support/config-rows.ts";
import type { TrainingPlan } from "../../../app/train/plan.ts";
import { loadPreset } from "../../../training/config/presets.node.ts";
import { resolveConfig } from "../../../training/config/resolve.ts";
import { planText } from "./dry-run.ts";

const { config, reasons, given } = resolveConfig({
  ...{ preset: loadPreset(), sets: [] },
  flags: [
    { flag: "--set", path: "training.batchSize", value: 32 },
    { flag: "--steps", path: "training.steps", value: 900 },
  ],
});
const plan: TrainingPlan = {
  values: configRows(config, reasons).map((row) => ({ ...row, usual: !given.has(row.path) })),
  data: {
    ...{ source: "pictures", name: "pictures", resolution: 32, used: 100, seen: 100, notes: [] },
    ...{ skipped: [], warnings: [] },
  } as unknown as TrainingPlan["data"],
  parameters: { generator: 1e6, discriminator: 2e6 },
  run: { action: "begin", dir: "runs/pictures-32", step: 0, sentence: "runs/pictures-32 (new)" },
  engine: "cpu",
  memory: { state: 1e6, measuredPeak: 2e8, limit: 4e9 },
  measured: { steps: 4, stepSeconds: 0.1, sampleSeconds: 0.2 },
  estimate: { steps: 900, seconds: 92, end: "2026-01-02T03:04:05.000Z" },
};

it("is a screen by default: what the run is, what it takes, and the values that are its own", () => {
  const text = planText(plan, false);
  expect(text.split("\n").length).toBeLessThan(24);
  for (const part of ["100", "runs/pictures-32 (new)", "900 steps in about", "at the peak (measured)"])
    expect(text).toContain(part);
  expect(text).toMatch(/training\.batchSize +32 .*given by --set/);
  expect(text).toMatch(/training\.steps +900 .*given by --steps/);
  expect(text).not.toContain("generator.width");
  expect(text).toMatch(
    new RegExp(`The other ${plan.values.length - 2} values are as usual; --all shows them`),
  );
});

it("is every value with its reason when asked for, section by section", () => {
  const text = planText(plan, true);
  for (const { path } of plan.values) expect(text).toContain(`  ${path} `);
  expect(text).toMatch(/\n\n {2}generator\.architecture +sngan-resnet +preset laptop: mimicry/);
  expect(text).not.toContain("as usual");
});
