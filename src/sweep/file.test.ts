import { describe, expect, it } from "vitest";
import { loadPreset } from "../training/config/presets.node.ts";
import { parseSweep, variations } from "./file.ts";
import { planSweep } from "./plan.ts";

const GRID = `
preset: laptop
steps: 10
set: { training.batchSize: 16, training.ema: 0.5 }
grid:
  objective.selfSupervision: [rotation, none]
  optimizer.beta1: [0, 0.5]
seeds: [1, 2]
`;
const plan = (text: string) => planSweep(parseSweep(text, "test.yaml"), "runs/test", loadPreset, "test.yaml");

describe("a grid", () => {
  it("is every combination with every seed, the last path changing fastest, the seed slowest", () => {
    const points = plan(GRID);
    expect(points.map(({ seed, label }) => `${seed} ${label}`)).toEqual([
      "1 objective.selfSupervision=rotation, optimizer.beta1=0",
      "1 objective.selfSupervision=rotation, optimizer.beta1=0.5",
      "1 objective.selfSupervision=none, optimizer.beta1=0",
      "1 objective.selfSupervision=none, optimizer.beta1=0.5",
      "2 objective.selfSupervision=rotation, optimizer.beta1=0",
      "2 objective.selfSupervision=rotation, optimizer.beta1=0.5",
      "2 objective.selfSupervision=none, optimizer.beta1=0",
      "2 objective.selfSupervision=none, optimizer.beta1=0.5",
    ]);
    expect(points[3]!.config).toMatchObject({
      objective: { selfSupervision: "none" },
      optimizer: { beta1: 0.5 },
      training: { seed: 1, steps: 10, batchSize: 16 },
    });
    expect(points[0]!.arguments.join(" ")).toBe(
      "train --preset laptop --set training.batchSize=16 --set training.ema=0.5 --set objective.selfSupervision=rotation " +
        `--set optimizer.beta1=0 --steps 10 --seed 1 --run runs/test/${points[0]!.id} --json --no-studio`.replaceAll(
          "/",
          "/",
        ),
    );
  });

  it("names a run by its configuration: the same however it is written and however long, another for another value", () => {
    const ids = (text: string) => plan(text).map(({ id }) => id);
    const first = ids(GRID);
    expect(new Set(first).size).toBe(8);
    expect(ids(GRID.replace("steps: 10", "steps: 20"))).toEqual(first);
    const reordered = GRID.replace(
      "{ training.batchSize: 16, training.ema: 0.5 }",
      "{ training.ema: 0.5, training.batchSize: 16 }",
    );
    expect(ids(reordered)).toEqual(first);
    expect(ids(GRID.replace("batchSize: 16", "batchSize: 17")).some((id) => first.includes(id))).toBe(false);
  });

  it("measures all runs with one network, which is no part of their names", () => {
    const measured = (more = "") => plan(`set: { training.evaluateEvery: 5${more} }`)[0]!;
    const named = measured(", training.evaluateFeatures: inception");
    const features = ({ arguments: words }: typeof named) =>
      words.filter((word) => /evaluateFeatures/.test(word));
    expect(features(measured())).toEqual(["training.evaluateFeatures=resnet20-cifar10"]);
    expect(features(named)).toEqual(["training.evaluateFeatures=inception"]);
    expect(measured().id).toBe(named.id);
    expect(features(plan(GRID)[0]!)).toEqual([]);
  });

  it("makes one run of what is the same twice", () => {
    expect(plan("grid: { optimizer.beta1: [0, 0.0] }")).toHaveLength(1);
  });

  it.each([
    "engine.precision: [float32, bfloat16]",
    "engine.threads: [1, 2]",
    "training.sampleEvery: [10, 20]",
  ])("makes runs of what is varied by hand, though a run's name leaves it out: %s", (grid) => {
    const points = plan(`grid: { ${grid}, optimizer.beta1: [0, 0.5] }`);
    expect(new Set(points.map(({ id }) => id)).size).toBe(4);
    // What needs nothing more to be told from the others keeps its name, so that sweeps of before go on.
    const alone = (value: string) => plan(`set: { training.sampleEvery: ${value} }`)[0]!.id;
    expect(alone("10")).toBe(alone("20"));
    const together = plan(
      "points: [{ name: a, set: { training.sampleEvery: 10, optimizer.beta1: 0.5 } }, { name: b, set: { training.sampleEvery: 20 } }]",
    );
    expect(together[1]!.id).toBe(alone("20"));
  });
});

it("named points take their own presets and values, each through the grid", () => {
  const file = parseSweep(
    "points:\n- { name: ss, set: { objective.selfSupervision: rotation } }\n- { name: plain, preset: laptop, set: { objective.selfSupervision: none } }\ngrid: { optimizer.beta1: [0, 0.5] }",
    "test.yaml",
  );
  expect(variations(file).map(({ label }) => label)).toEqual([
    "ss, optimizer.beta1=0",
    "ss, optimizer.beta1=0.5",
    "plain, optimizer.beta1=0",
    "plain, optimizer.beta1=0.5",
  ]);
});

it.each([
  ["grid: [1, 2]", /test\.yaml: grid/],
  ["grids: {}", /it has grids, which is not known/],
  ["grid: { optimizer.beta1: [] }", /grid\.optimizer\.beta1/],
  ["seeds: [-1]", /seeds\.0/],
  ["a: [", /not valid YAML/],
])("%s is refused with an example of what a sweep looks like", (text, message) => {
  expect(() => parseSweep(text, "test.yaml")).toThrow(message);
  try {
    parseSweep(text, "test.yaml");
  } catch (error) {
    expect((error as { hint: string }).hint).toContain("grid:");
  }
});

it("wrong values are found before anything is trained, with the nearest name", () => {
  expect(() => plan("grid: { optimizer.beta: [0] }")).toThrow(/optimizer\.beta/);
  expect(() => plan("preset: laptob")).toThrow(/laptob/);
  expect(() => plan("grid: { optimizer.beta1: [2] }")).toThrow(/optimizer\.beta1/);
  expect(() =>
    plan("points: [{ name: a, set: { optimizer.beta1: 0 } }]\ngrid: { optimizer.beta1: [0] }"),
  ).toThrow(/both in the grid and in the point a/);
});

describe("what is wrong is said with its place in the file, and not as on the command line", () => {
  const refusal = (text: string): string => {
    try {
      plan(text);
    } catch (error) {
      const { message, hint } = error as { message: string; hint: string };
      return `${message} ${hint}`;
    }
    return "";
  };
  it.each([
    [
      "grid: { optimizer.beta: [0] }",
      'test.yaml: point "optimizer.beta=0": Unknown configuration path "optimizer.beta" (grid).',
    ],
    ["set: { optimizer.beta: 0 }", 'test.yaml: Unknown configuration path "optimizer.beta" (set).'],
    ["set: { training.steps: 5 }\nsteps: 6", "training.steps is given twice: 5 by set and 6 by steps."],
    ["preset: laptob", 'test.yaml: Unknown preset "laptob"'],
    [
      "points: [{ name: a, set: { objective.selfSupervision: none, objective.alpha: 0 } }]",
      'test.yaml: point "a": objective.alpha is given, but objective.selfSupervision is none, so it would have no effect. ' +
        "Leave objective.alpha out, or use objective.selfSupervision: rotation.",
    ],
    [
      "set: { training.batchSize: 32 }\ngrid: { objective.rotatedBatch: [32, 33] }",
      'test.yaml: point "objective.rotatedBatch=33"',
    ],
    [
      "set: { data.classes: 5 }",
      "or use generator.norm: conditional and discriminator.conditioning: projection.",
    ],
  ])("%s", (text, said) => {
    expect(refusal(text)).toContain(said);
    expect(refusal(text)).not.toMatch(/--set|set: /);
  });
});

describe("a value for all points that some have no use for", () => {
  const GRID_OF_BOTH = "grid: { objective.selfSupervision: [rotation, none] }";

  it("is given to those that have", () => {
    const [rotation, none] = plan(`set: { objective.rotatedBatch: 16 }\n${GRID_OF_BOTH}`);
    expect(rotation!.config.objective).toMatchObject({ selfSupervision: "rotation", rotatedBatch: 16 });
    expect(rotation!.arguments).toContain("objective.rotatedBatch=16");
    expect(none!.arguments).not.toContain("objective.rotatedBatch=16");
    // So the point is the run that a sweep without the value has.
    expect(none!.id).toBe(plan(GRID_OF_BOTH)[1]!.id);
  });

  it("is refused where none has, as one in a point or in the grid is", () => {
    expect(() => plan("set: { objective.selfSupervision: none, objective.alpha: 1 }")).toThrow(
      "objective.alpha is given, but objective.selfSupervision is none",
    );
    expect(() =>
      plan("grid: { objective.selfSupervision: [rotation, none], objective.alpha: [0.2, 1] }"),
    ).toThrow(
      'test.yaml: point "objective.selfSupervision=none, objective.alpha=0.2": the grid varies objective.alpha',
    );
  });
});

it("paths that every object of JavaScript has are paths that do not exist", () => {
  for (const path of ["__proto__", "constructor", "toString"]) {
    const unknown = `Unknown configuration path "${path}"`;
    expect(() => plan(`grid: { ${path}: [1, 2] }`)).toThrow(unknown);
    expect(() => plan(`set: { ${path}: 1 }`)).toThrow(unknown);
    expect(() => plan(`points: [{ name: a, set: { ${path}: 1 } }]`)).toThrow(unknown);
    expect(plan(`points: [{ name: ${path} }]`).map(({ label }) => label)).toEqual([path]);
  }
});
