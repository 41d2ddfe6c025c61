/** Overfitting: the two statistics, when it is an alarm, and which checkpoint is taken then. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { SampleEvent } from "../../events.ts";
import { chooseCheckpoint } from "../../run/checkpoint/best.node.ts";
import { type HealthState, observeSample, overfittingOf, UNOBSERVED } from "./health.ts";
import type { HeldOutScores } from "./held-out-scores.ts";
import { heldOutScores, isOverfitted, overfittingShare, overfittingSpans } from "./overfitting.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-overfitting-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Scores with held-out images at a share of the way from training images (2) to generated ones
 * (-2).
 */
const scoresAt = (share: number, error = 0.05): HeldOutScores => ({
  ...{ count: 100, trained: 2, heldOut: 2 - 4 * share, generated: -2, error, positive: 1 },
});
const grid = (step: number, heldOut?: HeldOutScores): SampleEvent => ({
  ...{ kind: "sample", step, file: `samples/${String(step).padStart(7, "0")}.png`, diversity: 1 },
  ...(heldOut && { heldOut }),
});
const grids = (shares: readonly number[], error?: number): SampleEvent[] =>
  shares.map((share, i) => grid(100 * i, scoresAt(share, error)));

describe("the statistics", () => {
  it("are those of the paper: r_v, r_t, and the error of the gap", () => {
    const scores = heldOutScores([3, 1, 2, -2], [0, 2], [-1, -3]);
    expect(scores).toMatchObject({ count: 2, trained: 1, heldOut: 1, generated: -2, positive: 0.5 });
    // Variances of 14/3 over 4 and 2 over 2.
    expect(scores.error).toBeCloseTo(Math.sqrt(14 / 12 + 1), 5);
    expect(overfittingShare(scores)).toBe(0);
    expect(overfittingShare({ ...scores, heldOut: -0.5 })).toBeCloseTo(0.5, 12);
  });

  it("bear any shift and scale of the scores, as a Wasserstein critic has them", () => {
    const [trained, heldOut, generated] = [
      [3, 1],
      [1, 2],
      [-1, -4],
    ];
    const moved = (values: number[]): number[] => values.map((value) => 70 * value - 900);
    const share = overfittingShare(heldOutScores(trained!, heldOut!, generated!))!;
    const other = heldOutScores(moved(trained!), moved(heldOut!), moved(generated!));
    expect(overfittingShare(other)).toBeCloseTo(share, 5);
  });

  it("say nothing where training images are hardly told from generated ones", () => {
    expect(overfittingShare({ ...scoresAt(0), generated: 2 })).toBeUndefined();
    const hardly = { trained: 0.74, heldOut: 0.78, generated: 0.7, error: 0.08 };
    expect(overfittingShare({ ...scoresAt(0), ...hardly })).toBeUndefined();
  });
});

describe("the alarm", () => {
  const watch = (samples: readonly SampleEvent[]) => {
    let state: HealthState = UNOBSERVED;
    const warnings = samples.flatMap((sample) => {
      const seen = observeSample(state, sample);
      state = JSON.parse(JSON.stringify(seen.state)) as HealthState;
      return seen.warnings;
    });
    return { warnings: warnings.map(({ name, step }) => [name, step]), state, all: warnings };
  };

  it("comes with the second grid in a row, once, and again only after a recovery", () => {
    const { warnings } = watch(grids([0, 0.1, 0.7, 0.2, 0.7, 0.8, 0.4, 0.9, 0.1, 0.6, 0.6]));
    expect(warnings).toEqual([
      ["discriminator-overfits", 500],
      ["discriminator-overfits", 1000],
    ]);
  });

  it("says how far it is, since when, and what to do", () => {
    const { all, state } = watch(grids([0, 0.1, 0.7, 0.8]));
    expect(all[0]!.message).toContain("80%");
    expect(all[0]!.advice).toMatch(/before step 200.*training\.augment/);
    expect(overfittingOf(state)).toBe(200);
  });

  it("does not come of chance among few held-out images, at step 0, or without any", () => {
    expect(watch(grids([0, 0.7, 0.7, 0.7], 1)).warnings).toEqual([]);
    expect(watch([grid(0, scoresAt(1)), grid(0, scoresAt(1))]).warnings).toEqual([]);
    expect(watch([grid(100), grid(200), grid(300)]).warnings).toEqual([]);
  });

  it("spans of the record are those that the run saw, however it was cut", () => {
    const samples = grids([0, 0.1, 0.7, 0.2, 0.7, 0.8, 0.4, 0.1, 0.9, 0.9]);
    const spans = overfittingSpans(samples);
    expect(spans).toEqual([
      { since: 200, until: 300, sure: false },
      { since: 400, until: 700, sure: true },
      { since: 800, until: undefined, sure: true },
    ]);
    samples.forEach(({ step }, i) => {
      const { state } = watch(samples.slice(0, i + 1));
      expect(isOverfitted(spans, step)).toBe(overfittingOf(state) !== undefined);
    });
  });
});

describe("the checkpoint that is taken", () => {
  const runOf = (name: string, steps: readonly number[], samples: readonly SampleEvent[]): string => {
    const run = join(folder, name);
    for (const step of steps)
      mkdirSync(join(run, "checkpoints", String(step).padStart(7, "0")), { recursive: true });
    writeFileSync(join(run, "metrics.jsonl"), samples.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return run;
  };
  const ill = grids([0, 0.1, 0.1, 0.7, 0.8, 0.9]);

  it("is the last from before it, with the reason; the newest on request", async () => {
    const run = runOf("ill", [150, 250, 300, 500], ill);
    const { step, why } = await chooseCheckpoint(run, {});
    expect(step).toBe(250);
    expect(why).toMatch(/step 250, the last checkpoint from before it: .*by heart from step 300 on/);
    expect((await chooseCheckpoint(run, { best: false })).step).toBeUndefined();
    expect((await chooseCheckpoint(run, { step: 500 })).step).toBe(500);
  });

  it("is the best measured one from before it", async () => {
    const run = runOf("measured", [150, 250, 300, 500], ill);
    writeFileSync(join(run, "best.json"), JSON.stringify({ step: 150, metric: "kid", value: 0.1 }));
    expect(await chooseCheckpoint(run, {})).toMatchObject({ step: 150, why: /best measured from before it/ });
  });

  it("is the newest where it is over, where it is not sure yet, and where none from before is left", async () => {
    const over = runOf("over", [250, 700], [...ill, grid(600, scoresAt(0.1))]);
    expect((await chooseCheckpoint(over, {})).step).toBeUndefined();
    expect((await chooseCheckpoint(runOf("single", [250, 300], ill.slice(0, 4)), {})).step).toBeUndefined();
    const gone = await chooseCheckpoint(runOf("gone", [400, 500], ill), {});
    expect(gone).toMatchObject({ step: undefined, why: /no checkpoint from before it is kept/ });
  });
});
