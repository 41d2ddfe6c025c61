/**
 * The training step of the feature network (scripts/features/) against its formulas, computed here
 * in double precision.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { epochBatches } from "../../scripts/features/augment.ts";
import { epochsOf, learningRateAt, PLAN, sideIn } from "../../scripts/features/plan.ts";
import { initialState, layouts, testStep, trainingStep } from "../../scripts/features/step.ts";
import { memoryStore } from "../../src/data/index.node.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { sizeOf } from "../../src/graph/index.ts";

const [COUNT, SIDE] = [4, 8];
const DESCENT = { momentum: 0.9, weightDecay: 0.01 };
const NAMES = ["parameters", "velocity", "buffers"] as const;

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

const images = Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, (_, i) => (i * 37 + (i >> 3) * 11) % 256);
const targets = Float32Array.from({ length: COUNT * 10 }, (_, i) =>
  Number(i % 10 === Math.floor(i / 10) * 2),
);

describe("a training step", () => {
  it("is Nesterov's, with the decay of kernels only", async () => {
    const step = await engine.compile(trainingStep(COUNT, SIDE, DESCENT, engine.target));
    const start = initialState(3);
    start.velocity = start.velocity!.map((_, i) => Math.sin(i) * 0.01);
    const updated = async (rate: number) => {
      await engine.writeState(start);
      await step.run({ images, targets, learningRate: Float32Array.of(rate) });
      return engine.readState(NAMES);
    };
    const still = await updated(0);
    expect(still.parameters).toEqual(start.parameters);
    const moved = await updated(0.1);
    expect(moved.velocity).toEqual(still.velocity);

    // v' = μ v + s, so s = v' − μ v; p' = p − η (s + μ v').
    for (const [i, p] of start.parameters!.entries()) {
      const v = moved.velocity![i]!;
      const slope = v - DESCENT.momentum * start.velocity![i]!;
      expect(moved.parameters![i]).toBeCloseTo(p - 0.1 * (slope + DESCENT.momentum * v), 5);
    }
    // The same gradient without decay: the difference is what the decay adds.
    const free = await engine.compile(
      trainingStep(COUNT, SIDE, { ...DESCENT, weightDecay: 0 }, engine.target),
    );
    await engine.writeState(start);
    await free.run({ images, targets, learningRate: Float32Array.of(0) });
    const { velocity } = await engine.readState(["velocity"]);
    for (const { name, shape, offset } of layouts().parameters)
      for (let i = offset; i < offset + Math.min(50, sizeOf(shape)); i++) {
        const decayed = still.velocity![i]! - velocity![i]!;
        expect(decayed).toBeCloseTo(name.endsWith("/kernel") ? 0.01 * start.parameters![i]! : 0, 5);
      }
  });

  it("learns a batch by heart, which testing with running statistics then knows", async () => {
    const step = await engine.compile(trainingStep(COUNT, SIDE, PLAN, engine.target));
    const test = await engine.compile(testStep(COUNT, SIDE, engine.target));
    await engine.writeState(initialState(3));
    let loss = Number.NaN;
    for (let i = 0; i < 60; i++)
      loss = Number((await step.run({ images, targets, learningRate: Float32Array.of(0.02) })).loss![0]);
    expect(loss).toBeLessThan(0.05);
    expect(Number((await test.run({ images, targets })).right![0])).toBe(COUNT);
  });
});

describe("the batches of an epoch", () => {
  const [count, size] = [10, 32];
  const pixels = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => Math.floor(i / 3) % 251);
  const labels = Uint16Array.from({ length: count }, (_, i) => i % 10);
  const store = memoryStore({ images: pixels, size, labels, hash: "test" });
  const epoch = (side: number, number: number) => [...epochBatches(store, 5, side, 1, number)];

  it("show every image once, in an order and crops that follow from seed and epoch", () => {
    const first = epoch(32, 0);
    expect(first).toHaveLength(2);
    const shown = first.flatMap(({ targets: t }) =>
      Array.from({ length: 5 }, (_, i) => t.indexOf(1, 10 * i) - 10 * i),
    );
    expect(shown.sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(epoch(32, 0)).toEqual(first);
    expect(epoch(32, 1)).not.toEqual(first);
  });

  it("are crops: rows of neighboring pixels, forwards or mirrored", () => {
    for (const { images: crops } of epoch(24, 0))
      for (let image = 0; image < 5; image++) {
        const row = Array.from({ length: 24 }, (_, x) => crops[(image * 24 * 24 + x) * 3]!);
        const steps = new Set(row.slice(1).map((value, x) => (value - row[x]! + 251) % 251));
        expect([[1], [250]]).toContainEqual([...steps]);
      }
  });
});

it("the plan goes through its phases and ends at a learning rate of 0", () => {
  const epochs = epochsOf(PLAN);
  expect(
    Array.from({ length: epochs }, (_, i) => sideIn(PLAN, i)).filter((side) => side === 32),
  ).toHaveLength(8);
  expect(() => sideIn(PLAN, epochs)).toThrow(RangeError);
  expect(learningRateAt(PLAN, 0)).toBe(0);
  expect(learningRateAt(PLAN, PLAN.warmUp)).toBe(PLAN.peakLearningRate);
  expect(learningRateAt(PLAN, 1)).toBe(0);
});
