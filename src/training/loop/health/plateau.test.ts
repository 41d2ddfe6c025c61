/**
 * More steps do not help: only said when it is beyond the error of the metric, of measurements that
 * are alike, once an episode.
 */
import { describe, expect, it } from "vitest";
import { createEvaluator } from "../../evaluation/evaluator.ts";
import type { EvaluationEvent } from "../../events.ts";
import { fakeEvaluation } from "../../testing/fake-evaluation.ts";
import { plateauOf, plateauWarning } from "./plateau.ts";

/** Measurements of FID 100 steps apart, each uncertain by 5 %. */
const measurements = (values: readonly number[]): EvaluationEvent[] =>
  values.map((value, i) => fakeEvaluation(100 * (i + 1), value, "averaged"));
const falling = [50, 40, 33, 28, 24, 20, 17, 14, 12];
const flat = [50, 30, 20, 10.1, 9.8, 10.2, 10, 9.9, 10.1];

describe("a plateau", () => {
  it("is where the last third is no better than the one before", () => {
    const found = plateauOf(measurements(flat), "fid")!;
    expect(found.before).toMatchObject({ from: 400, to: 600 });
    expect(found.after).toMatchObject({ from: 700, to: 900 });
    expect(found.after.mean).toBeCloseTo(10, 10);
  });

  it("is none while numbers fall, even slowly over many measurements, nor where there are few", () => {
    expect(plateauOf(measurements(falling), "fid")).toBeUndefined();
    const slowly = Array.from({ length: 90 }, (_, i) => 50 - 0.4 * i);
    expect(plateauOf(measurements(slowly), "fid")).toBeUndefined();
    expect(plateauOf(measurements(flat.slice(0, 8)), "fid")).toBeUndefined();
    expect(plateauOf([], "fid")).toBeUndefined();
    expect(plateauOf(measurements(flat), "kid")).toBeUndefined();
  });

  it("is one where numbers rise again, and is not seen across another way of measuring", () => {
    expect(plateauOf(measurements([50, 30, 20, 10, 9, 8, 9, 11, 14]), "fid")).toBeDefined();
    const other = measurements(flat).map((one) => (one.step < 700 ? { ...one, protocol: "clean" } : one));
    expect(plateauOf(other, "fid")).toBeUndefined();
  });

  it("is told in words, with what the learning rate may still do", () => {
    const found = plateauOf(measurements(flat), "fid")!;
    const now = plateauWarning(900, found, undefined);
    expect(now.message).toMatch(/FID was 10 from step 400 to 600 on average, and 10 from step 700 to 900/);
    expect(now.advice).toMatch(/stop here/);
    expect(plateauWarning(900, found, 1200).advice).toMatch(/From step 1,200 on the learning rate falls/);
  });
});

describe("while training", () => {
  const run = async (values: readonly number[], history: readonly EvaluationEvent[] = []) => {
    let at = history.length;
    const evaluator = createEvaluator(async (step) => fakeEvaluation(step, values[at++]!, "averaged"), {
      ...{
        every: 100,
        keepBest: "fid",
        steps: 10_000,
        fromStep: 100 * at,
        history,
        kept: [],
        decayStart: 5000,
      },
    });
    const told: number[] = [];
    for (let i = history.length; i < values.length; i++) {
      const measured = await evaluator.evaluate(100 * (i + 1));
      told.push(...measured!.warnings.map(({ step }) => step));
    }
    return told;
  };

  it("it is a warning once, also in a run that was continued meanwhile", async () => {
    const values = [...flat, 10, 10, 10];
    expect(await run(values)).toEqual([900]);
    expect(await run(values, measurements(values.slice(0, 10)))).toEqual([]);
    expect(await run(values, measurements(values.slice(0, 7)))).toEqual([900]);
  });
});
