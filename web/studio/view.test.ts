/** The view in the address, keys, and the choice of pictures and lines. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spreadOut } from "../../src/base/math/spread-out.ts";
import { formatDuration } from "../../src/base/text/format/index.ts";
import { ROTATION } from "../../src/objectives/pretext/rotation.ts";
import { MAX_WATCHED } from "../../src/studio/protocol.ts";
import { AXES } from "../common/axis.ts";
import { gridShape, neighbor } from "../common/grid.ts";
import { accuracyOf, viewsOfImage } from "../common/predictions.ts";
import { smooth } from "../common/smooth.ts";
import { CHART_TOGGLES } from "../common/toggles.ts";
import { CHARTS } from "./charts/charts.ts";
import { createOrder } from "./home/order.ts";
import { inTime, keyAction } from "./keys.ts";
import { changedValues } from "./run/adjust.ts";
import { samplesView } from "./run/samples.ts";
import { atStep, formatView, MAPS, parseView, START, type View } from "./view.ts";
import { progressWords, stateWords } from "./words.ts";

const view = fc.record({
  run: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  with: fc.array(fc.string({ minLength: 1 }), { maxLength: MAX_WATCHED - 1 }),
  query: fc.string(),
  sort: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  archived: fc.boolean(),
  tab: fc.constantFrom("table" as const, "sweep" as const),
  metric: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  step: fc.option(fc.nat(), { nil: undefined }),
  range: fc.option(
    fc
      .tuple(fc.nat(), fc.integer({ min: 1, max: 1e6 }))
      .map(([first, more]) => [first, first + more] as const),
    { nil: undefined },
  ),
  smoothing: fc.integer({ min: 0, max: 99 }).map((hundredth) => hundredth / 100),
  image: fc.nat({ max: 63 }),
  shown: fc.constantFrom("averaged" as const, "fake" as const, "real" as const),
  map: fc.constantFrom(...MAPS),
  inside: fc.oneof(fc.nat(), fc.constantFrom("newest" as const, undefined)),
  along: fc.constantFrom(...AXES),
  switched: fc.dictionary(
    fc.constantFrom(...CHARTS.map(({ title }) => title)),
    fc.uniqueArray(fc.constantFrom(...CHART_TOGGLES), { minLength: 1 }),
  ),
  lines: fc.dictionary(fc.constantFrom(...CHARTS.map(({ title }) => title)), fc.string({ minLength: 1 })),
});

describe("the address", () => {
  it("holds all of the view", () => {
    fc.assert(
      fc.property(view, (one: View) => {
        expect(parseView(formatView(one))).toEqual(one);
      }),
    );
  });

  it("that makes no sense is read as the start", () => {
    expect(
      parseView("#smooth=7&step=-3&x=60-20&image=x&show=nothing&inside=x&with=&line=Losses&line=/x"),
    ).toEqual(START);
    for (const x of ["20", "20-20", "-3-5", "a-b", "1.5-3", "9-", "1e3-1e4"])
      expect(parseView(`#x=${x}`), x).toEqual(START);
    expect(parseView("")).toEqual(START);
  });

  it("compares no more runs than the server watches", () => {
    const ids = Array.from({ length: 30 }, (_, i) => `run-${i}`);
    const all = parseView(formatView({ ...START, run: "run", with: ids }));
    expect([all.run, ...all.with]).toEqual(["run", ...ids.slice(0, MAX_WATCHED - 1)]);
  });
});

const samples = [0, 100, 200, 300].map((step) => ({
  kind: "sample" as const,
  step,
  file: `samples/${step}.png`,
  ...(step > 0 && { averagedFile: `samples/${step}-ema.png` }),
  diversity: 1,
}));
const key = (name: string, more: object = {}) =>
  ({
    key: name,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    target: null,
    ...more,
  }) as KeyboardEvent;
const state = (change: Partial<View> = {}) => ({
  view: { ...START, run: "b", ...change },
  runs: [{ id: "a" }, { id: "b" }, { id: "c" }],
  filter: "",
  details: new Map([["b", { samples }]]),
});

describe("keys", () => {
  it("go through time, and follow the training again at its end", () => {
    expect(inTime(state(), -1)).toEqual({ step: 200 });
    expect(keyAction(key("ArrowRight"), state({ step: 100 }))).toEqual({ step: 200 });
    expect(keyAction(key("ArrowRight"), state({ step: 200 }))).toEqual({ step: undefined });
    expect(keyAction(key("ArrowLeft", { shiftKey: true }), state())).toEqual({ step: 0 });
    expect(keyAction(key("Home"), state())).toEqual({ step: 0 });
  });

  it("go through the runs, and stay at the ends", () => {
    expect(keyAction(key("j"), state())).toMatchObject({ run: "c" });
    expect(keyAction(key("k"), state())).toMatchObject({ run: "a" });
    expect(keyAction(key("j"), state({ run: "c" }))).toBeUndefined();
  });

  it("go through the runs that the list shows, past those that are compared, which stay", () => {
    const runs = ["net-1", "other-1", "net-2", "net-3", "Net-4"].map((id) => ({ id }));
    const at = (run: string, more: Partial<View> = {}, filter = "net") => ({
      ...state({ run, step: 100, ...more }),
      ...{ runs, filter },
    });
    expect(keyAction(key("j"), at("net-1"))).toEqual({ run: "net-2", step: undefined, range: undefined });
    expect(keyAction(key("k"), at("net-2"))).toEqual({ run: "net-1", step: undefined, range: undefined });
    expect(keyAction(key("j"), at("net-3"))).toMatchObject({ run: "Net-4" });
    // From one that is not shown, to the nearest that is.
    expect(keyAction(key("j"), at("other-1"))).toMatchObject({ run: "net-2" });
    expect(keyAction(key("k"), at("gone"))).toBeUndefined();
    expect(keyAction(key("j"), at("net-1", { with: ["net-2", "other-1"] }))).toEqual({ run: "net-3" });
    expect(keyAction(key("j"), at("net-1", { with: ["net-2"] }, ""))).toEqual({ run: "other-1" });
  });

  it("are left to fields and to the browser", () => {
    expect(keyAction(key("j", { target: { tagName: "INPUT", type: "text" } }), state())).toBeUndefined();
    expect(keyAction(key("r", { ctrlKey: true }), state())).toBeUndefined();
    expect(keyAction(key("x"), state())).toBeUndefined();
  });
});

it("the grid at a step is the last one before it; before the first, the first", () => {
  expect(atStep(samples, 250)?.step).toBe(200);
  expect(atStep(samples, undefined)?.step).toBe(300);
  expect(atStep(samples.slice(1), 5)?.step).toBe(100);
  expect(atStep([], 5)).toBeUndefined();
});

it("what is not there is replaced by what is", () => {
  expect(samplesView({ samples, reals: true }, { ...START, step: 0 })).toMatchObject({
    shown: "fake",
    choices: ["fake", "real"],
  });
  expect(samplesView({ samples, reals: false }, { ...START, shown: "real" }).file).toBe(
    "samples/300-ema.png",
  );
  expect(samplesView({ samples: [], reals: false }, START).file).toBeUndefined();
});

it("what is shown is said, and that it is not what was asked for", () => {
  const name = (detail: Parameters<typeof samplesView>[0], change: Partial<View> = {}) =>
    samplesView(detail, { ...START, ...change }).name;
  expect(name({ samples, reals: true })).toBe("averaged weights, grid of step 300");
  expect(name({ samples: [], reals: true })).toBe("real images, as there are no generated ones yet");
  expect(name({ samples, reals: true }, { shown: "real" })).toBe("real images");
  expect(name({ samples, reals: false }, { shown: "real" })).toMatch(/^generated images, as no real/);
  expect(name({ samples, reals: true }, { step: 0 })).toMatch(
    /^weights as they are, as there are no averaged/,
  );
});

it("without a connection, a state is what was heard last", () => {
  expect([stateWords("running", true), stateWords("running", false), stateWords("finished", false)]).toEqual([
    "Training",
    "Training when last heard of",
    "Finished",
  ]);
  expect([stateWords("failed", false), stateWords("interrupted", true)]).toEqual(["Failed", "Interrupted"]);
  const status = { state: "running", step: 3, steps: 9, secondsLeft: 60 } as const;
  expect([progressWords(status), progressWords(status, false)]).toEqual([
    "step 3 of 9 · 1 min left",
    "step 3 of 9",
  ]);
});

it("a strip of film has the first and the newest, and no more than it holds", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 2, max: 9 }), (all, max) => {
      const some = spreadOut(all, max);
      expect(some.length).toBe(Math.min(all.length, max));
      expect([some[0], some.at(-1)]).toEqual([all[0], all.at(-1)]);
    }),
  );
});

describe("grids", () => {
  it("are measured by the picture", () => {
    expect(gridShape(8 * 34 - 2, 8 * 34 - 2)).toEqual({ side: 32, rows: 8, count: 64 });
    expect(gridShape(8 * 130 - 2, 10 * 130 - 2)).toEqual({ side: 128, rows: 10, count: 80 });
  });

  it("are gone through by arrows without leaving them", () => {
    expect([neighbor(9, "ArrowUp", 64), neighbor(1, "ArrowUp", 64), neighbor(63, "ArrowRight", 64)]).toEqual([
      1, 1, 63,
    ]);
  });
});

it("predictions are taken out image by image", () => {
  const rotation = Array.from({ length: 32 }, () => 0.1);
  // Image 1: turns 0, 1 and 3 told right; turn 2 taken for 0.
  for (const [turn, guess] of [
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 3],
  ] as const)
    rotation[16 + 4 * turn + guess] = 0.7;
  const predicted = { score: [0, 0, 0, 0, 0, 2, -2, 0], rotation };
  const turns = viewsOfImage(predicted, 1, ROTATION)!;
  expect(turns.map(({ right }) => right)).toEqual([true, true, false, true]);
  expect(turns.map(({ real }) => Number(real.toFixed(3)))).toEqual([0.5, 0.881, 0.119, 0.5]);
  expect(viewsOfImage(predicted, 2, ROTATION)).toBeUndefined();
  const second = { score: predicted.score.slice(4), rotation: rotation.slice(16) };
  expect(accuracyOf(second, ROTATION)).toBe(0.75);
  const plain = { score: [1, 1, 1, 1] };
  expect(viewsOfImage(plain, 0, undefined)![0]).toMatchObject({ guess: undefined, right: undefined });
  expect(accuracyOf(plain, undefined)).toBeUndefined();
});

it("smoothing keeps a constant, leaves gaps, and starts where the values do", () => {
  expect(smooth([3, 3, null, 3], 0.9).map((value) => value && Number(value.toFixed(9)))).toEqual([
    3,
    3,
    null,
    3,
  ]);
  expect(smooth([1, 0], 0.5)).toEqual([1, 1 / 3]);
  expect(smooth([1, 2], 0)).toEqual([1, 2]);
});

it("only values that differ are sent, and only numbers", () => {
  const inForce = {
    "optimizer.learningRate": 0.001,
    "optimizer.discriminatorLearningRate": null,
    "objective.beta": 1,
  };
  const typed = {
    "optimizer.learningRate": "1e-4",
    "optimizer.discriminatorLearningRate": "",
    "objective.beta": "1.0",
  };
  expect(changedValues(typed, inForce)).toEqual({ values: { "optimizer.learningRate": 1e-4 } });
  expect(changedValues({ "objective.beta": " " }, inForce)).toEqual({
    problem: 'Weight of the task\'s loss, discriminator: " " is not a number.',
  });
});

it("times are said as people say them", () => {
  expect([12.3, 75, 720, 4000, 90_061].map(formatDuration)).toEqual([
    "12 s",
    "1 min 15 s",
    "12 min",
    "1 h 6 min",
    "1 d 1 h",
  ]);
});

describe("answers that overtake each other", () => {
  it("count unless a later question was answered before", () => {
    const ask = createOrder();
    const [first, second, third] = [ask(), ask(), ask()];
    expect([second(), first(), third()]).toEqual([true, false, true]);
  });

  it("count though another question was asked meanwhile", () => {
    const ask = createOrder();
    let late = ask();
    for (let i = 0; i < 3; i++) {
      const next = ask();
      expect(late()).toBe(true);
      late = next;
    }
  });
});
