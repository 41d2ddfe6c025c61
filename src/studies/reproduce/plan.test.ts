/**
 * Which runs the experiments need: every configuration is a valid one, at every scale, and what is
 * the same is one run.
 */

import { describe, expect, it } from "vitest";
import { loadPreset } from "../../training/config/presets.node.ts";
import { isMeasured } from "../../training/evaluation/measures.ts";
import type { RunExperiment } from "./experiment.ts";
import { checkRows, ROBUSTNESS_ROWS } from "./experiments/table2.ts";
import { planRuns, type Request } from "./plan.ts";
import { EXPERIMENTS, type ExperimentName } from "./registry.ts";
import { SCALES, type ScaleName } from "./scales.ts";

const request = (scale: ScaleName, more: Partial<Request> = {}): Request => ({
  scale: SCALES[scale],
  data: "cifar10:/data",
  folder: "/runs",
  steps: SCALES[scale].steps,
  seeds: undefined,
  firstSeed: 1,
  sets: [],
  rows: ROBUSTNESS_ROWS,
  ...more,
});
const withRuns = Object.entries(EXPERIMENTS).flatMap(([name, experiment]) =>
  experiment.kind === "runs" ? [[name as ExperimentName, experiment as RunExperiment] as const] : [],
);
const plan = (name: ExperimentName, asked: Request) => {
  const experiment = EXPERIMENTS[name] as RunExperiment;
  return planRuns(experiment.models(asked), asked, loadPreset);
};

describe.each(Object.keys(SCALES) as ScaleName[])("at scale %s", (scale) => {
  it.each(withRuns)("%s names valid runs of the scale", (name) => {
    const points = plan(name, request(scale));
    expect(points.length).toBeGreaterThan(0);
    for (const { config, arguments: args } of points) {
      expect(config.training.steps).toBe(SCALES[scale].steps);
      expect(config.training.probeEvery).toBeGreaterThan(0);
      expect(args.slice(0, 2)).toEqual(["train", "cifar10:/data"]);
      for (const [path, value] of Object.entries(SCALES[scale].set)) {
        const [section = "", key = ""] = path.split(".");
        expect((config as unknown as Record<string, Record<string, unknown>>)[section]![key]).toBe(value);
      }
    }
  });

  it("rows of table 2 that are run unless others are asked for exist", () => {
    checkRows(SCALES[scale].rows ?? ROBUSTNESS_ROWS);
  });
});

it("seeds begin where they are asked to, so that a study can be widened", () => {
  const seeds = plan("fig2", request("laptop", { seeds: 2, firstSeed: 3 })).map(({ seed }) => seed);
  expect(seeds).toEqual([3, 3, 4, 4]);
});

it("the longer run is the shorter one gone on with", () => {
  const ids = (steps: number) => plan("table1", request("laptop", { steps })).map(({ id }) => id);
  expect(ids(500)).toEqual(ids(50_000));
});

it("Rot-only of table 3 is the run it was before it had a preset", () => {
  const model = (EXPERIMENTS.table3 as RunExperiment)
    .models(request("paper"))
    .find((m) => m.label === "Rot-only")!;
  const before = {
    ...model,
    preset: "paper/cifar10/ssgan",
    set: { "objective.selfSupervision": "rotation-only" },
  };
  for (const scale of Object.keys(SCALES) as ScaleName[]) {
    const [now, then] = [model, before].map((each) =>
      planRuns([each], request(scale), loadPreset).map(({ id }) => id),
    );
    expect(now).toEqual(then);
  }
});

it("what is measured with does not reach the model that is not measured", () => {
  const sets = ["training.evaluateFeatures=inception", "training.evaluateSamples=500"];
  const every = plan("table3", request("tiny", { sets })).map(({ label, config }) => [
    label,
    isMeasured(config.training),
    config.training.evaluateFeatures,
  ]);
  expect(every).toContainEqual(["Rot-only", false, null]);
  expect(every).toContainEqual(["Cond-GAN", true, "inception"]);
});

it("a value is given to the models to which it means something, and refused if there are none", () => {
  const sets = ["objective.rotatedBatch=16"];
  const [plain, turned] = ["Uncond-GAN", "SS-GAN"].map((label) =>
    plan("table1", request("laptop", { seeds: 1, sets })).find((point) => point.label === label),
  );
  expect(turned!.config.objective.rotatedBatch).toBe(16);
  const unchanged = plan("table1", request("laptop", { seeds: 1 })).find(({ id }) => id === plain!.id);
  expect(unchanged?.label).toBe("Uncond-GAN");
  expect(() => plan("table1", request("laptop", { sets: ["optimizer.decayRate=0.5"] }))).toThrow(
    /optimizer\.decayRate/,
  );
});

it("tables share the runs they have in common", () => {
  const byLabel = (name: ExperimentName) =>
    new Map(plan(name, request("laptop", { seeds: 1 })).map(({ label, id }) => [label, id]));
  const [table1, table2, table3, fig2, alpha] = (
    ["table1", "table2", "table3", "fig2", "alpha"] as const
  ).map(byLabel);
  for (const model of ["Uncond-GAN", "SS-GAN"]) {
    expect(fig2!.get(model)).toBe(table1!.get(model));
    // At this scale the models of table 1 have one discriminator step, as this row has.
    expect(table2!.get(`sn-b0-d1 ${model}`)).toBe(table1!.get(model));
  }
  for (const model of ["Uncond-GAN", "Cond-GAN", "SS-GAN (sBN)"])
    expect(table3!.get(model)).toBe(table1!.get(model));
  expect(alpha!.get("α = 0.2")).toBe(table1!.get("SS-GAN"));
  const all = [table1, table2, table3, fig2, alpha].flatMap((map) => [...map!.values()]);
  // 4 of table 1, 18 − 2 of table 2, Rot-only, three more values of α.
  expect(new Set(all).size).toBe(4 + 16 + 1 + 3);
});

it("at the paper's scale table 2's row of the paper's own setting is table 1", () => {
  const [table1, table2] = (["table1", "table2"] as const).map((name) => plan(name, request("paper")));
  const idOf = (points: typeof table1, label: string) =>
    points!.filter((point) => point.label === label).map(({ id }) => id);
  expect(idOf(table2, "sn-b0-d2 SS-GAN")).toEqual(idOf(table1, "SS-GAN"));
  expect(idOf(table1, "SS-GAN")).toHaveLength(3);
});

it("every run comes once before any comes with another seed; values given win", () => {
  const points = plan("fig2", request("laptop", { seeds: 2, sets: ["generator.width=16"] }));
  expect(points.map(({ label, seed }) => [label, seed])).toEqual([
    ["Uncond-GAN", 1],
    ["SS-GAN", 1],
    ["Uncond-GAN", 2],
    ["SS-GAN", 2],
  ]);
  expect(points.every(({ config }) => config.generator.width === 16)).toBe(true);
  expect(() => plan("fig2", request("laptop", { sets: ["generator.wide=16"] }))).toThrow(/generator\.wide/);
});

describe("the family", () => {
  it.each(["paper", "tiny"] as const)("differs in the objective alone, at scale %s", (scale) => {
    const [first, ...others] = plan("family", request(scale, { seeds: 1 })).map(({ config }) => config);
    const common = ({ objective: _, discriminator, ...rest }: typeof first & object) => ({
      ...rest,
      // R3 goes without.
      discriminator: { ...discriminator, spectralNorm: true },
    });
    expect(others).toHaveLength(8);
    for (const config of others) expect(common(config)).toEqual(common(first!));
    const shown = others.filter(({ objective }) => objective.selfSupervision !== "none");
    for (const { objective, training } of shown)
      if (objective.selfSupervision !== "rotation-la")
        expect([objective.turns, objective.rotatedBatch]).toEqual(["one", training.batchSize]);
  });

  it("shows tasks as many images as a batch has", () => {
    const asked = request("tiny", { seeds: 1, sets: ["training.batchSize=24"] });
    for (const { config } of plan("family", asked)) expect(config.training.batchSize).toBe(24);
  });
});
