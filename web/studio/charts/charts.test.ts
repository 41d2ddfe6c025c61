/** What charts show of a run, and of several laid over one another. */
import { describe, expect, it } from "vitest";
import type { PretextDescription } from "../../../src/objectives/pretext/description.ts";
import { ROTATION } from "../../../src/objectives/pretext/rotation.ts";
import type { RunCurves, RunDetail } from "../../../src/studio/protocol.ts";
import { chartData, isSmoothed } from "../../common/chart.ts";
import { type ComparedRun, comparedChart, differences, summaryRows } from "../compare/compare.ts";
import { wordsOf } from "./chart-definition.ts";
import { CHARTS, linesOf } from "./charts.ts";

const probe = (step: number, accuracies: Record<string, number>, name = "quick") =>
  ({
    ...{ kind: "probe", step, classes: 10, accuracies },
    best: Object.entries(accuracies).sort(([, a], [, b]) => b - a)[0]![0],
    protocol: { name, epochs: 5 },
    test: { data: "cifar10", split: "test", count: 1000, of: 10_000 },
  }) as unknown as RunDetail["probes"][number];

const detail = (id: string, change: Partial<RunDetail> = {}): RunDetail => ({
  ...{ id, config: {}, samples: [], warnings: [], changes: [], adjustable: {}, revision: 0 },
  ...{ reals: true, memorization: false },
  status: { state: "finished", step: 300, steps: 300 },
  marks: { note: "", tags: [], archived: false },
  sessions: [],
  evaluations: [],
  probes: [],
  ...change,
});
const curvesOf = (...names: string[]): RunCurves => ({
  ...{ id: "", generation: 0, width: 1, steps: [1, 2], lastStep: 2 },
  curves: Object.fromEntries(
    names.map((name, i) => [name, { mean: [i, i + 0.5], min: [i, i], max: [i, i] }]),
  ),
});
const compared = (details: readonly RunDetail[], curves?: RunCurves): ComparedRun[] =>
  details.map((one, place) => ({ detail: one, curves, place }));
const named = (title: string) => CHARTS.find((chart) => chart.title === title)!;

describe("a chart of one run", () => {
  it("shows a probe's blocks, the best first, with its protocol", () => {
    const probes = [probe(100, { block1: 0.2, block2: 0.3 }), probe(200, { block1: 0.4, block2: 0.5 })];
    const run = { detail: detail("a", { probes }), curves: undefined };
    const lines = linesOf(named("Probe accuracy"), run);
    expect(lines.map(({ label, values }) => [label, values])).toEqual([
      ["block2", [0.3, 0.5]],
      ["block1", [0.2, 0.4]],
    ]);
    expect(named("Probe accuracy").note!(run)).toBe(
      "quick: 5 epochs, 1,000 images of cifar10 (test), 10 classes; guessing gives 10%",
    );
  });

  it("says what it is, what is good and what is bad", () => {
    for (const { title, explain } of CHARTS)
      for (const text of Object.values(explain)) expect(text.length, title).toBeGreaterThan(6);
    expect(named("FID").note!({ detail: detail("a"), curves: undefined })).toBeUndefined();
  });
});

it("a run has no pretext task by its configuration, not for want of steps", () => {
  const said = (task: PretextDescription | undefined) => {
    const run = { detail: detail("a", { task }), curves: undefined };
    return ["Task accuracy", "Task losses"].map((title) => named(title).empty!(run));
  };
  expect(said(undefined)).toEqual(Array(2).fill("this run has no pretext task"));
  expect(said(ROTATION)).toEqual([undefined, undefined]);
});

it("charts of the pretext task have its name and its chance level, where all runs have the same one", () => {
  const other = { ...ROTATION, key: "other", title: "Other" };
  const [a, b, c] = [detail("a", { task: ROTATION }), detail("b", { task: other }), detail("c")];
  const chart = named("Task accuracy");
  expect(wordsOf(chart, [a!, c!])).toMatchObject({
    title: "Rotation accuracy",
    look: { levels: [{ value: 0.25 }] },
  });
  expect(wordsOf(chart, [a!, b!])).toMatchObject({ title: "Task accuracy" });
  expect(wordsOf(chart, [a!, b!]).look).not.toHaveProperty("levels");
});

describe("a chart of several runs", () => {
  it("shows one line of each, the same in all, and any of them when asked for", () => {
    const runs = compared([detail("a"), detail("b")], curvesOf("discriminator.loss", "generator.loss"));
    const usual = comparedChart(named("Losses"), runs);
    expect(usual.lines.map(({ label, tone, values }) => [label, tone, values])).toEqual([
      ["a", "--run-1", [0, 0.5]],
      ["b", "--run-2", [0, 0.5]],
    ]);
    expect(usual).toMatchObject({ choices: ["discriminator", "generator"], choice: "discriminator" });
    const other = comparedChart(named("Losses"), runs, "generator");
    expect(other.choice).toBe("generator");
    expect(other.lines.map(({ values }) => values)).toEqual([
      [1, 1.5],
      [1, 1.5],
    ]);
    expect(comparedChart(named("Losses"), runs, "nobody's").choice).toBe("discriminator");
  });

  it("leaves out runs that have no such line, and takes no other of theirs", () => {
    const [a, b] = [
      compared([detail("a")], curvesOf("discriminator.rotationAccuracyReal")),
      [{ detail: detail("b"), curves: curvesOf("generator.rotationAccuracyFake"), place: 1 }],
    ];
    const lines = (wanted?: string) =>
      comparedChart(named("Task accuracy"), [...a, ...b], wanted).lines.map(({ label }) => label);
    expect([lines(), lines("generated images")]).toEqual([["a"], ["b"]]);
    expect(comparedChart(named("FID"), [...a, ...b])).toMatchObject({ lines: [], choice: undefined });
  });

  it("of probes, the last block that all have, whichever is each run's best; and says which", () => {
    const runs = compared([
      detail("a", { probes: [probe(100, { block9: 0.5, block10: 0.3 })] }),
      detail("b", { probes: [probe(100, { block9: 0.1, block10: 0.4, block11: 0.9 })] }),
      detail("not probed"),
    ]);
    const chart = comparedChart(named("Probe accuracy"), runs);
    expect(chart.choices).toEqual(["block9", "block10", "block11"]);
    expect(chart.choice).toBe("block10");
    expect(chart.lines.map(({ label, values }) => [label, values])).toEqual([
      ["a", [0.3]],
      ["b", [0.4]],
    ]);
    expect(chart.note).toMatch(/^block10 · quick: 5 epochs/);
    const asked = comparedChart(named("Probe accuracy"), runs, "block11");
    expect(asked.lines.map(({ label }) => label)).toEqual(["b"]);
    expect(asked.note).toMatch(/^block11 · quick/);
  });

  it("does not call numbers comparable that were measured in different ways", () => {
    const line = (protocol: string) =>
      ({
        ...{ kind: "evaluation", step: 100, weights: "latest", protocol, warnings: [] },
        features: { name: "net", hash: "", dimensions: 1 },
        reference: { data: "emoji", hash: "", split: "test", count: 200, of: 200 },
        generated: { count: 500, quantisation: "float" },
        metrics: { fid: { mean: 9, deviation: null, values: [9] } },
      }) as unknown as RunDetail["evaluations"][number];
    const note = (...protocols: string[]) =>
      comparedChart(named("FID"), compared(protocols.map((one) => detail(one, { evaluations: [line(one)] }))))
        .note;
    expect(note("paper", "paper")).toBe(
      "settings of paper: net, 500 samples against 200 of emoji (test), float",
    );
    expect(note("paper", "clean")).toBe("Not comparable: measured in 2 different ways");
    const probed = ["quick", "paper"].map((name) =>
      detail(name, { probes: [probe(100, { block1: 0.5 }, name)] }),
    );
    expect(comparedChart(named("Probe accuracy"), compared(probed)).note).toBe(
      "block1 · Not comparable: measured in 2 different ways",
    );
  });
});

it("values that were changed while a run went on are compared as they were changed, with the step", () => {
  const config = { "optimizer.learningRate": 0.005, "objective.beta": 1 };
  const change = (id: number, step: number, values: object) => ({ id, step, values });
  const changes = [
    change(1, 29, { "optimizer.learningRate": 0.0008 }),
    change(2, 99, { "optimizer.learningRate": 0.0004, "objective.lambda": 2 }),
  ];
  expect(differences([detail("a", { config, changes }), detail("b", { config })])).toEqual([
    { path: "objective.lambda", values: ["– → 2 @100", "–"] },
    { path: "optimizer.learningRate", values: ["0.005 → 0.0008 @30 → 0.0004 @100", "0.005"] },
  ]);
});

describe("settings", () => {
  const rate = (set: Partial<RunCurves["curves"][string]>, now = 0.0008) => {
    const curves: RunCurves = {
      ...{ id: "", generation: 0, width: 2, steps: [2, 4, 6, 8] },
      curves: { learningRate: { mean: [], ...set } },
    };
    const status = { state: "running", step: 8, steps: 9, quantities: { learningRate: now } } as const;
    return linesOf(named("Learning rate"), { detail: detail("a", { status }), curves })[0]!;
  };

  it("are drawn as steps and never smoothed, and read as they are set", () => {
    const line = rate({ mean: [0.005, 0.005, 0.0008, 0.0008] });
    expect(line).toMatchObject({
      stepped: true,
      now: { value: 0.0008, window: "in force at the last step" },
    });
    expect(isSmoothed(line, 0.99)).toBe(false);
    const [, drawn, raw] = chartData([line], 0.9);
    expect(drawn).toEqual(line.values);
    expect(raw).toEqual([null, null, null, null]);
  });

  it("have no values that nobody set where several steps are one point", () => {
    const changed = rate({
      mean: [0.005, 0.0029, 0.0008, 0.0008],
      min: [0.005, 0.0008, 0.0008, 0.0008],
      max: [0.005, 0.005, 0.0008, 0.0008],
    });
    expect(changed.values).toEqual([0.005, 0.0008, 0.0008, 0.0008]);
    const lately = rate({
      mean: [0.005, 0.005, 0.005, 0.003],
      min: [0.005, 0.005, 0.005, 0.0008],
      max: [0.005, 0.005, 0.005, 0.005],
    });
    expect(lately.values).toEqual([0.005, 0.005, 0.005, 0.0008]);
  });
});

it("a measurement names its features, and only those made in the same way are one curve", () => {
  const line = (step: number, features: string, count: number, fid: number) =>
    ({
      ...{ kind: "evaluation", step, weights: "latest", protocol: "paper", warnings: [] },
      features: { name: features, hash: "", dimensions: 1 },
      reference: { data: "emoji", hash: "", split: "test", count, of: count },
      generated: { count, quantisation: "float" },
      metrics: { fid: { mean: fid, deviation: null, values: [fid] } },
    }) as unknown as RunDetail["evaluations"][number];
  const evaluations = [
    line(100, "resnet20-cifar10", 202, 9),
    line(50, "resnet20-cifar10", 202, 12),
    line(100, "inception", 10_000, 40),
    line(100, "resnet20-cifar10", 202, 8),
  ];
  const run = { detail: detail("a", { evaluations }), curves: undefined };
  expect(linesOf(named("FID"), run)).toMatchObject([
    { label: "FID (built-in features)", steps: [50, 100], values: [12, 8] },
  ]);
  expect(named("FID").note!(run)).toMatch(/^settings of paper: resnet20-cifar10, 202 samples against 202/);
  const published = { detail: detail("b", { evaluations: [evaluations[2]!] }), curves: undefined };
  expect(linesOf(named("FID"), published)[0]!.label).toBe("FID");
  expect(named("FID").note!(published)).toMatch(/^paper protocol: inception/);
});

it("configurations are compared by what differs", () => {
  const runs = [
    detail("a", { config: { x: 1, y: "same", z: null } }),
    detail("b", { config: { x: 2, y: "same" } }),
  ];
  expect(differences(runs)).toEqual([
    { path: "x", values: ["1", "2"] },
    { path: "z", values: ["null", "–"] },
  ]);
});

describe("the summary of runs that are compared", () => {
  const evaluation = (fid: number, features = "net") =>
    ({
      ...{ step: 1, weights: "averaged", protocol: "paper", metrics: { fid: { mean: fid } } },
      ...{ features: { name: features, dimensions: 64 }, reference: { count: 10_000, split: "test" } },
      generated: { count: 10_000, quantisation: "float" },
    }) as unknown as RunDetail["evaluations"][number];
  const standing = (id: string, rotation: number, ...evaluations: RunDetail["evaluations"]) =>
    detail(id, {
      status: { state: "finished", step: 1, steps: 1, quantities: { taskAccuracyReal: rotation, real: 0.5 } },
      evaluations,
    });
  const rows = (...runs: RunDetail[]) => Object.fromEntries(summaryRows(runs).map((row) => [row.name, row]));

  it("marks the best where one is better than another, and leaves out what no run has", () => {
    const all = rows(standing("a", 0.5, evaluation(9), evaluation(7)), standing("b", 0.8, evaluation(8)));
    expect(Object.keys(all)).toEqual(["Task accuracy (real)", "D(real)", "Best FID"]);
    expect(all["Task accuracy (real)"]!.values).toEqual([
      { text: "50%", best: false },
      { text: "80%", best: true },
    ]);
    expect(all["D(real)"]!.values.map(({ best }) => best)).toEqual([false, false]);
    expect(all["Best FID"]!.values.map(({ best }) => best)).toEqual([true, false]);
  });

  it("marks none of numbers that cannot be compared", () => {
    const all = rows(standing("a", 0.5, evaluation(7)), standing("b", 0.8, evaluation(8, "other")));
    expect(all["Best FID"]).toMatchObject({ what: expect.stringMatching(/not comparable/) });
    expect(all["Best FID"]!.values.some(({ best }) => best)).toBe(false);
  });
});
