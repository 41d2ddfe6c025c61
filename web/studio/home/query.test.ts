/** The query of the table, its columns and their order, and sweeps. */
import { describe, expect, it } from "vitest";
import type { RunOverview } from "../../../src/studio/protocol.ts";
import { goodness, parallelAxes, seedGroups } from "../compare/parallel.ts";
import { columnsOf, configColumns, metricsOf, sorted } from "./columns.ts";
import { completions, matches, unknownNames } from "./query.ts";

const run = (id: string, more: Partial<RunOverview> = {}): RunOverview => ({
  ...{ id, state: "finished", step: 100, steps: 100, touched: 5000, began: 1000, warnings: 0 },
  ...more,
});
const fid = (value: number) => ({ value, name: "FID", protocol: "paper protocol", step: 100 });
const runs = [
  run("cats", {
    config: { "objective.alpha": 0.1, "generator.norm": "batch", "training.seed": 1 },
    ...{ fid: fid(18), tags: ["best one"], quantities: { taskAccuracyReal: 0.6, figures: 0.9 } },
  }),
  run("dogs", {
    ...{ state: "failed", warnings: 2, fid: fid(40), touched: 9000, note: "too fast" },
    config: { "objective.alpha": 1, "generator.norm": "none", "training.seed": 1 },
  }),
  run("birds", {
    ...{ state: "running", step: 50, archived: true },
    config: { "objective.alpha": 0.1, "generator.norm": "batch", "training.seed": 2 },
  }),
];
const common = { "discriminator.norm": "layer", "training.steps": 100, "data.labels": null };
const found = (query: string) => runs.filter((one) => matches(one, query, common)).map(({ id }) => id);

describe("a query", () => {
  it.each([
    ["", ["cats", "dogs", "birds"]],
    ["s", ["cats", "dogs", "birds"]],
    ["AT", ["cats"]],
    ["-at", ["dogs", "birds"]],
    ["alpha<0.5", ["cats", "birds"]],
    ["alpha<=0.1 fid<20", ["cats"]],
    ["objective.alpha>=1", ["dogs"]],
    ["alpha=0.10", ["cats", "birds"]],
    ["alpha!=0.1", ["dogs"]],
    ["norm=batch", ["cats", "birds"]],
    ["norm:lay", ["cats", "dogs", "birds"]],
    ["generator.norm!=batch", ["dogs"]],
    ["fid<20", ["cats"]],
    ["fid>1e1", ["cats", "dogs"]],
    ["state:failed", ["dogs"]],
    ["state:training", ["birds"]],
    ["-state:failed is:archived", ["birds"]],
    ["is:warned", ["dogs"]],
    ["rotation>50%", ["cats"]],
    ["rotation>50", ["cats"]],
    ["diversity>=0.9", ["cats"]],
    ['tag:"best one"', ["cats"]],
    ["note:fast", ["dogs"]],
    ["labels=none", ["cats", "dogs", "birds"]],
    ["steps=100 step<100", ["birds"]],
    ["nothing<5", []],
    ["alpha<abc", []],
    ["alpha<", ["cats", "dogs", "birds"]],
    ['tag:"', ["cats", "dogs", "birds"]],
  ])("%j finds %j", (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  it("says which names it does not know", () => {
    expect(unknownNames("alpha<1 nothing<5 foo=x fid<3", runs, common)).toEqual(["nothing", "foo"]);
  });

  it("goes on with names, those that differ first, and with the values that there are", () => {
    const offered = (query: string, caret = query.length) =>
      completions(query, caret, runs, common).map(({ text }) => text);
    expect(offered("").slice(0, 3)).toEqual(["alpha", "norm", "seed"]);
    expect(offered("al")).toEqual(["alpha"]);
    expect(offered("fid<20 st")).toEqual(["state", "step"]);
    expect(offered("norm=")).toEqual(["batch", "layer", "none"]);
    expect(offered("norm=b")).toEqual(["batch"]);
    expect(completions("fid<20 -no", 10, runs, common)[0]).toMatchObject({
      query: "fid<20 -norm:",
      caret: 13,
    });
    expect(completions("tag:b fid<3", 5, runs, common)[0]).toMatchObject({ query: 'tag:"best one"  fid<3' });
    expect(offered("norm=batch")).toEqual([]);
  });
});

describe("the columns", () => {
  it("have every value that differs, by the end of its path where that says enough", () => {
    expect(configColumns(runs).map(({ title }) => title)).toEqual(["norm", "alpha", "seed"]);
    const alike = [run("a", { config: { "generator.norm": "x", "discriminator.norm": "y" } })];
    expect(configColumns(alike).map(({ title }) => title)).toEqual(["discriminator.norm", "generator.norm"]);
  });

  it("put runs in order, those without a value last; at first those that train, then the latest", () => {
    const order = (sort?: string) => sorted(runs, columnsOf(runs), sort).map(({ id }) => id);
    expect(order()).toEqual(["birds", "dogs", "cats"]);
    expect(order("fid")).toEqual(["cats", "dogs", "birds"]);
    expect(order("-fid")).toEqual(["dogs", "cats", "birds"]);
    expect(order("generator.norm")).toEqual(["cats", "birds", "dogs"]);
    expect(order("-name")).toEqual(["birds", "dogs", "cats"]);
  });
});

describe("a sweep", () => {
  const sweep = [1, 2, 3].flatMap((seed) =>
    [0.0001, 0.001].map((rate) =>
      run(`${rate}-${seed}`, {
        config: { "optimizer.learningRate": rate, "training.seed": seed },
        ...(!(seed === 3 && rate === 0.001) && { fid: fid(10 * seed + (rate < 0.001 ? 0 : 4)) }),
      }),
    ),
  );
  const varied = configColumns(sweep);
  const metric = metricsOf(sweep)[0]!;

  it("has means and deviations over seeds, the best first, and the best run of each", () => {
    const [first, second] = seedGroups(sweep, varied, metric);
    expect(first).toMatchObject({ values: ["0.001"], count: 2, mean: 19, best: { id: "0.001-1" } });
    expect(first!.deviation).toBeCloseTo(Math.sqrt(50), 12);
    expect(second).toMatchObject({ values: ["0.0001"], count: 3, mean: 20, deviation: 10 });
    expect(seedGroups([sweep[0]!], varied, metric)[0]!.deviation).toBeUndefined();
  });

  it("has an axis a value: from least to greatest, rates by their powers, words apart", () => {
    const [rate, seed, last] = parallelAxes(sweep, [...varied, metric]);
    expect(sweep.slice(0, 2).map((one) => rate!.place(one))).toEqual([0, 1]);
    expect(rate!.ticks.map(({ text }) => text)).toEqual(["0.0001", "0.001"]);
    expect(seed!.place(sweep[2]!)).toBe(0.5);
    expect(last!.place(sweep[5]!)).toBeUndefined();
    const words = ["batch", "none", "layer"].map((norm) => run(norm, { config: { norm } }));
    const [axis] = parallelAxes(words, configColumns(words));
    expect(words.map((one) => axis!.place(one))).toEqual([0, 1, 0.5]);
  });

  it("knows which are good: a low FID, a high accuracy", () => {
    const good = goodness(sweep, metric);
    expect([good(sweep[0]!), good(sweep[4]!), good(sweep[5]!)]).toEqual([1, 0, undefined]);
  });
});
