/** Other readings of the study, the linear read-out, and the comparison of its sides. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import type { Engine } from "../../engine/engine.ts";
import { createEngine } from "../../engine/node.node.ts";
import { stripedStore } from "../testing/striped.ts";
import { compareSides, comparisonSentence } from "./comparison.ts";
import { buildOnline } from "./programs.ts";
import type { AccuracyLine } from "./record.ts";
import { runOnline } from "./run.ts";
import { ONLINE_DEFAULTS, type OnlineSettings, type OnlineVariation } from "./settings.ts";
import { drawNaturalBatch, labeled } from "./tasks.ts";

const settings: OnlineSettings = {
  ...ONLINE_DEFAULTS,
  ...{ resolution: 16, batchSize: 8, rotatedBatch: 16, learningRate: 2e-3, selfSupervision: "rotation" },
  network: { architecture: "sngan-resnet", width: 8, spectralNorm: true },
  ...{ taskIterations: 12, cycles: 1, evaluateEvery: 12, evaluateAfter: [], testImages: 30 },
};
const [train, test] = [labeled(stripedStore(3, 60, 1)), labeled(stripedStore(3, 30, 2))];

let engine: Engine;
const root = mkdtemp(join(tmpdir(), "quarterturn-variation-"));
beforeAll(async () => {
  engine = await createEngine({ device: "cpu", threads: 1 });
});
afterAll(async () => {
  await engine.close();
  await rm(await root, { recursive: true, force: true });
});

async function study(name: string, given: Partial<OnlineSettings>, stopAt?: number) {
  const stop = new AbortController();
  return runOnline({
    ...{ dir: join(await root, name), settings: { ...settings, ...given }, engine, train, test },
    ...{ dataHash: "striped", signal: stop.signal },
    onProgress: (step) => {
      if (step === stopAt) stop.abort();
    },
  });
}

it("each reading gives other numbers, and goes on after a stop as if there had been none", async () => {
  const readings: readonly OnlineVariation[] = [
    {},
    { labelRotated: true },
    { freshHead: true },
    { momentum: 0.9 },
    { naturalBalance: true },
  ];
  const courses: string[] = [];
  for (const [i, variation] of readings.entries()) {
    const { lines } = await study(`whole-${i}`, { variation });
    courses.push(JSON.stringify(lines));
  }
  expect(new Set(courses).size).toBe(readings.length);
  await study("stopped", { variation: { freshHead: true, momentum: 0.9 } }, 17);
  const { lines: continued } = await study("stopped", { variation: { freshHead: true, momentum: 0.9 } });
  const { lines: whole } = await study("undisturbed", { variation: { freshHead: true, momentum: 0.9 } });
  expect(continued).toEqual(whole);
});

it("a fresh head changes the head alone, and forgets its gradients", () => {
  const programs = buildOnline(settings, engine.target);
  const before = programs.initialState(1);
  before["discriminator/adam/m"]!.fill(1);
  const after = programs.withFreshHead(before, 2);
  for (const { name, offset, shape } of programs.layout.parameters) {
    const slot = (values: Float32Array | undefined) =>
      values!.subarray(offset, offset + shape.reduce((a, b) => a * b, 1));
    const head = name.startsWith("discriminator/finalFc/");
    expect([...slot(after["discriminator/adam/m"])].every((value) => value === (head ? 0 : 1))).toBe(true);
    if (!head)
      expect(slot(after["discriminator/parameters"])).toEqual(slot(before["discriminator/parameters"]));
    else if (name.endsWith("kernel"))
      expect(slot(after["discriminator/parameters"])).not.toEqual(slot(before["discriminator/parameters"]));
  }
});

it("the read-out tells a task by the features, where the head was asked another, and changes nothing", async () => {
  const long = { taskIterations: 60, evaluateEvery: 60 };
  const { lines } = await study("read", { ...long, readOut: 40 });
  const { lines: plain } = await study("unread", long);
  expect(lines.map(({ readOut: _, ...line }) => line)).toEqual(plain);
  const switches = lines.filter(({ moment, step }) => moment === "switch" && step > 0);
  expect(switches).toHaveLength(2);
  for (const { readOut, accuracy } of switches) {
    expect(readOut).toBeGreaterThan(0.8);
    expect(readOut).toBeGreaterThan(accuracy);
  }
  expect(lines.filter(({ moment }) => moment !== "switch").some((line) => "readOut" in line)).toBe(false);
});

it("a natural batch has as many images of the class as the data", () => {
  const stream = randomStream(1, "natural");
  const { targets } = drawNaturalBatch(train, 0, 3000, stream);
  expect(targets.reduce((a, b) => a + b, 0) / 3000).toBeCloseTo(1 / 3, 1);
});

describe("the comparison", () => {
  const line = (step: number, moment: AccuracyLine["moment"], accuracy: number): AccuracyLine => {
    const at = moment === "switch" ? step : step - 1;
    const task = Math.floor(at / 100) % 2;
    return { kind: "accuracy", step, task, cycle: Math.floor(at / 200), moment, accuracy };
  };
  const side = (gains: readonly number[]): AccuracyLine[] =>
    gains.flatMap((gain, i) => [
      // Right after a switch, and long before the head has settled.
      line(100 * i, "switch", 0.1 + 9 * gain),
      line(100 * i + 5, "recovery", 0.3 - 7 * gain),
      line(100 * i + 50, "recovery", 0.6 + gain),
      line(100 * i + 100, "current", 0.7 + 2 * gain),
    ]);

  it("takes the tasks of a cycle for its unit, and nothing from before the head has settled", () => {
    const found = compareSides(side([0, 0, 0, 0]), side([0.02, 0.04, -0.02, -0.04]), { taskIterations: 100 });
    expect(found.map(({ cycle, ahead }) => [cycle, ahead])).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect(found[0]!.test.mean).toBeCloseTo(0.045, 9);
    expect(found[0]!.test.standardError).toBeCloseTo(0.015, 9);
    expect(found[0]!.signP).toBeCloseTo(0.5, 9);
    expect(comparisonSentence(found[1]!)).toContain("is −4.50 ± 1.50 points");
  });

  it("says nothing of one task, and of what only one side has", () => {
    const both = { taskIterations: 100 };
    expect(compareSides(side([0]), side([0.1]), both)).toEqual([]);
    expect(compareSides(side([0, 0]), [], both)).toEqual([]);
  });
});
