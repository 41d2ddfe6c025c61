/**
 * Measuring takes its share of the time and no more, whenever a run is stopped; the last step is
 * measured.
 */
import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { type AutomaticOptions, automaticEvaluator } from "../evaluation/automatic-evaluator.ts";
import type { EvaluationEvent, StepEvent } from "../events.ts";
import { fakeEvaluation } from "../testing/fake-evaluation.ts";
import { affordableSamples } from "./measuring-pace.ts";

const step = (number: number, stepSeconds: number): StepEvent => ({
  ...{ kind: "step", step: number, discriminator: {}, generator: {}, learningRate: 1, time: 0, stepSeconds },
  imagesPerSecond: 1,
});

/** A run whose steps take `stepSeconds`, a trial 0.5 s and a measurement `cost` seconds. */
async function run(
  steps: number,
  stepSeconds: number,
  cost: (samples: number, made: number) => number,
  more: Partial<AutomaticOptions> = {},
) {
  let clock = 0;
  let spent = 0;
  let trials = 0;
  const take = (seconds: number): void => {
    clock += 1000 * seconds;
    spent += seconds;
  };
  const events: EvaluationEvent[] = [...(more.history ?? [])];
  const before = events.length;
  const evaluator = automaticEvaluator(
    async (number, _signal, samples = 0) => {
      take(cost(samples, events.length));
      const event = fakeEvaluation(number, 10, "averaged");
      return { ...event, generated: { ...event.generated, count: samples } };
    },
    {
      ...{ steps, fromStep: 0, history: [], kept: [], keepBest: "fid", samples: 2048, updateSeconds: 0 },
      async trial() {
        trials++;
        take(0.5);
        return (samples) => cost(samples, 0);
      },
      onTrouble: () => undefined,
      now: () => clock,
      ...more,
    },
  );
  const shares: number[] = [];
  for (let number = (more.fromStep ?? 0) + 1; number <= steps; number++) {
    const event = step(number, stepSeconds);
    if (await evaluator.due(event, number === steps)) {
      const measured = await evaluator.evaluate(number);
      if (measured) events.push(measured.event);
    }
    shares.push(spent / (number * stepSeconds));
  }
  return {
    measured: events.slice(before).map((event) => event.step),
    events,
    shares,
    trials,
    spent,
    best: evaluator.best(),
  };
}

describe("a run that finds out when to measure", () => {
  it("spends at most 3 % at any moment, all of its credit, and ends with a measurement", async () => {
    const { measured, shares, trials } = await run(2000, 1, () => 4);
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.03);
    expect(measured.length).toBeGreaterThanOrEqual(12);
    expect(measured.at(-1)).toBe(2000);
    expect(trials).toBe(1);
  });

  it("keeps to it when measuring turns out twice as dear as the trial said", async () => {
    const { measured, shares } = await run(2000, 1, (_samples, made) => (made === 0 ? 3 : 6));
    expect(shares.at(-1)).toBeLessThanOrEqual(0.03);
    expect(measured.at(-1)).toBe(2000);
  });

  it("takes fewer samples where measurements are dear, the same number each time", async () => {
    const { events, shares } = await run(1000, 1, (samples) => samples / 100);
    expect(new Set(events.map(({ generated }) => generated.count))).toEqual(new Set([512]));
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.03);
    expect(events.length).toBeGreaterThan(3);
  });

  it("measures seldom where it costs nothing, and never where a run is short", async () => {
    expect((await run(4000, 1, () => 0.001)).measured.length).toBeLessThanOrEqual(41);
    expect(await run(30, 1, () => 1)).toMatchObject({ measured: [], trials: 0, best: undefined });
  });

  it("that goes on takes what it spent into account, the samples too, and needs no trial", async () => {
    const first = await run(1000, 1, () => 4);
    const history = first.events.map((event) => ({ ...event, seconds: 4 }));
    const second = await run(2000, 1, () => 4, { history, fromStep: 1000, updateSeconds: 1000 });
    expect(second.trials).toBe(0);
    expect(first.spent + second.spent).toBeLessThanOrEqual(0.03 * 2000 + 0.5);
    expect(second.measured.at(-1)).toBe(2000);
    expect(new Set(second.events.map(({ generated }) => generated.count)).size).toBe(1);
  });

  it("goes on without measurements where they cannot be had, and says so once", async () => {
    const told: string[] = [];
    const result = await run(500, 1, () => 1, {
      trial: () => Promise.reject(new UserError("There are no features.")),
      onTrouble: ({ message }) => void told.push(message),
    });
    expect(result.measured).toEqual([]);
    expect(told).toEqual(["There are no features."]);
    await expect(
      run(500, 1, () => 1, { trial: () => Promise.reject(new TypeError("a bug")) }),
    ).rejects.toThrow(TypeError);
  });
});

it("samples are halved until eight measurements can be paid, down to no fewer than 512", () => {
  const cost = (samples: number): number => samples / 100;
  expect(affordableSamples(2048, cost, 1000)).toBe(2048);
  expect(affordableSamples(2048, cost, 100)).toBe(1024);
  expect(affordableSamples(2048, cost, 1)).toBe(512);
  expect(affordableSamples(100, cost, 1)).toBe(100);
});
