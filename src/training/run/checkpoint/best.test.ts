/** Which of two checkpoints is taken: the newest unless the best is surely better. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EvaluationEvent } from "../../events.ts";
import { fakeEvaluation } from "../../testing/fake-evaluation.ts";
import { chooseCheckpoint } from "./best.node.ts";
import { betterOf, measuredWithError } from "./best.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-best-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A measurement of both, KID's spread over subsets included. */
function measurement(step: number, fid: number, kid: number, kidDeviation: number, images = 4096) {
  const base = fakeEvaluation(step, fid, "averaged");
  const one = (mean: number) => ({ mean, deviation: null, values: [mean] });
  return {
    ...base,
    reference: { ...base.reference, count: images, of: images },
    generated: { ...base.generated, count: images },
    metrics: { fid: one(fid), kid: one(kid), kidDeviation: one(kidDeviation) },
  } satisfies EvaluationEvent;
}

describe("the error of a measurement", () => {
  it("is that of the mean over repeats", () => {
    const evaluation = {
      ...fakeEvaluation(1, 0),
      metrics: { fid: { mean: 10, deviation: 0.4, values: [9.6, 10, 10, 10.4] } },
    };
    expect(measuredWithError(evaluation, "fid")).toEqual({ value: 10, error: 0.2, from: "repeats" });
  });

  it("is that of KID over its blocks, and for FID as large relatively", () => {
    // 4,096 images are four blocks of 1,024.
    const evaluation = measurement(1, 20, 0.1, 0.02);
    expect(measuredWithError(evaluation, "kid")).toEqual({ value: 0.1, error: 0.01, from: "subsets" });
    expect(measuredWithError(evaluation, "fid")!.error).toBeCloseTo(2, 10);
  });

  it("does not shrink with subsets that share their images", () => {
    const sampling = { kind: "subsets", subsets: 100, size: 1000 } as const;
    const evaluation = { ...measurement(1, 20, 0.1, 0.02, 1000), kidSampling: sampling };
    expect(measuredWithError(evaluation, "kid")!.error).toBeCloseTo(0.02, 10);
  });

  it("is 5 % where nothing tells it", () => {
    expect(measuredWithError(fakeEvaluation(1, 8), "fid")).toEqual({ value: 8, error: 0.4, from: "rule" });
    expect(measuredWithError(fakeEvaluation(1, 8), "kid")).toBeUndefined();
  });
});

describe("betterOf", () => {
  const best = { step: 1000, metric: "fid", value: 10 } as const;

  it("takes the best beyond the error, and says by how much", () => {
    const record = [measurement(1000, 10, 0.1, 0.002), measurement(1500, 12, 0.12, 0.002)];
    const { step, why } = betterOf(best, 1500, record);
    expect(step).toBe(1000);
    expect(why).toMatch(/step 1,000, the best measured: FID 10 at step 1,000, 12 at step 1,500/);
  });

  it("takes the newest within the error", () => {
    const record = [measurement(1000, 10, 0.1, 0.02), measurement(1500, 12, 0.12, 0.02)];
    const { step, why } = betterOf(best, 1500, record);
    expect(step).toBeUndefined();
    expect(why).toMatch(/step 1,500, the newest: not surely worse/);
  });

  it("takes the newest when nothing was measured since, and when measured in another way", () => {
    const record = [measurement(1000, 10, 0.1, 0.002)];
    expect(betterOf(best, 1400, record)).toMatchObject({ step: undefined });
    const other = { ...measurement(1500, 90, 0.9, 0.002), protocol: "clean" };
    expect(betterOf(best, 1500, [...record, other])).toMatchObject({ step: undefined });
    expect(betterOf(best, 1500, [...record, other]).why).toMatch(/in another way/);
  });

  it("takes the newest when it is the best", () => {
    expect(betterOf(best, 1000, [measurement(1000, 10, 0.1, 0.002)])).toMatchObject({ step: undefined });
  });
});

describe("a run folder", () => {
  const run = join(folder, "run");
  for (const step of ["0001000", "0001500"]) mkdirSync(join(run, "checkpoints", step), { recursive: true });
  writeFileSync(join(run, "best.json"), JSON.stringify({ step: 1000, metric: "fid", value: 10 }));
  const lines = [measurement(1000, 10, 0.1, 0.002), measurement(1500, 12, 0.12, 0.002)];
  writeFileSync(join(run, "metrics.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

  it("gives the best by default, on request, and not when it is refused", async () => {
    expect((await chooseCheckpoint(run, {})).step).toBe(1000);
    expect((await chooseCheckpoint(run, { best: true })).step).toBe(1000);
    expect((await chooseCheckpoint(run, { best: false })).step).toBeUndefined();
    expect((await chooseCheckpoint(run, { step: 1500 })).step).toBe(1500);
  });

  it("says nothing of weights that were not measured", async () => {
    expect((await chooseCheckpoint(run, { averaged: false })).step).toBeUndefined();
    expect((await chooseCheckpoint(run, { averaged: true })).step).toBe(1000);
  });

  it("refuses a step beside the best, and the best where its checkpoint is gone", async () => {
    await expect(chooseCheckpoint(run, { step: 1500, best: true })).rejects.toThrow(/exclude each other/);
    rmSync(join(run, "checkpoints", "0001000"), { recursive: true });
    await expect(chooseCheckpoint(run, { best: true })).rejects.toThrow(/has no best checkpoint/);
    expect((await chooseCheckpoint(run, {})).step).toBeUndefined();
  });
});
