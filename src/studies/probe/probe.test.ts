/**
 * The probe's parts against what they should be, and the whole on a network that has not been
 * trained.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meanAndStdDev } from "../../base/math/statistics.ts";
import { randomStream } from "../../base/random.ts";
import { memoryStore } from "../../data/store/memory-store.ts";
import { NO_LABEL } from "../../data/store/store.ts";
import type { Engine } from "../../engine/engine.ts";
import { createEngine } from "../../engine/node.node.ts";
import { pooledSide } from "../../objectives/programs/discriminator-program.ts";
import { initialState } from "../../objectives/programs/initial-state.ts";
import { smallSettings } from "../testing/small-network.ts";
import { stripedStore } from "../testing/striped.ts";
import { buildFeatures, extractFeatures } from "./features.ts";
import { probe } from "./probe.ts";
import { PROTOCOL } from "./protocol.ts";
import { softmaxRegression } from "./softmax-regression.ts";
import { applyScaling, measureScaling } from "./standardize.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

it.each([
  [128, 16, 9000, 8],
  [128, 8, 9000, 8],
  [64, 6, 600, 3],
  [32, 16, 1, 1],
  [10_000, 4, 9000, 1],
])("%d channels of side %d within %d numbers are pooled to side %d", (channels, side, limit, pooled) => {
  expect(pooledSide(channels, side, limit)).toBe(pooled);
});

it("standardized features have mean 0 and deviation 1; one that never changes becomes 0", () => {
  const random = randomStream(1, "features");
  const features = Float32Array.from({ length: 300 }, (_, i) =>
    i % 3 === 2 ? 1e4 : 1e3 * (i % 3) + 5 * random.normal(),
  );
  applyScaling(features, measureScaling(features, 3));
  for (const column of [0, 1]) {
    const { mean, sd } = meanAndStdDev([...features].filter((_, i) => i % 3 === column));
    expect(mean).toBeCloseTo(0, 3);
    expect(sd).toBeCloseTo(1, 1);
  }
  expect(features.filter((_, i) => i % 3 === 2).every((value) => value === 0)).toBe(true);
});

describe("softmax regression", () => {
  const shape = { dimensions: 4, classes: 3 };
  const sample = (count: number, seed: number, informative: boolean) => {
    const random = randomStream(seed, "regression");
    const labels = Uint16Array.from({ length: count }, () => random.integer(3));
    const features = Float32Array.from({ length: count * 4 }, (_, i) => {
      const label = labels[Math.floor(i / 4)]!;
      return random.normal() + (informative && i % 4 === label ? 4 : 0);
    });
    return { features, labels };
  };
  const options = { ...PROTOCOL, epochs: 30, batchSize: 32 };
  const run = (informative: boolean, signal?: AbortSignal, epochs = options.epochs) =>
    softmaxRegression(
      engine,
      sample(400, 1, informative),
      sample(400, 2, informative),
      shape,
      { ...options, epochs },
      randomStream(1, "order"),
      signal,
    );

  it("tells classes that can be told (0.98 is the best possible here)", async () => {
    const { top1, loss } = await run(true);
    expect(top1).toBeGreaterThan(0.95);
    expect(loss).toBeLessThan(0.2);
  });
  it("is at chance where nothing can be told", async () => {
    expect((await run(false)).top1).toBeLessThan(0.43);
  });
  it("ends with the reason of its signal, however long it was to last", async () => {
    const stopping = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => stopping.abort(reason), 50);
    await expect(run(true, stopping.signal, 1e9)).rejects.toBe(reason);
  });
});

describe("a probe of a network", () => {
  const settings = smallSettings;

  it("pools each block by the mean of equal patches, whatever the number of images", async () => {
    await engine.writeState(initialState(settings, 1));
    const store = stripedStore(3, 35, 1);
    const indices = Array.from({ length: 105 }, (_, i) => i);
    const full = buildFeatures(settings, engine.target);
    const quick = buildFeatures(settings, engine.target, 1);
    expect(full.blocks.map(({ name, side }) => [name, side])).toEqual([
      ["block1", 8],
      ["block2", 8],
      ["block3", 8],
    ]);
    const maps = (await extractFeatures(engine, full, store, indices, ["block2"])).block2!;
    const means = (await extractFeatures(engine, quick, store, indices, ["block2"])).block2!;
    expect(maps).toHaveLength(105 * 8 * 64);
    expect(means).toHaveLength(105 * 8);
    for (const i of [0, 17, 839]) {
      const patch = maps.subarray(i * 64, (i + 1) * 64);
      expect(means[i]).toBeCloseTo(patch.reduce((a, b) => a + b, 0) / 64, 5);
    }
  });

  it("scores every block on the test images, well above chance on classes of different colors", async () => {
    await engine.writeState(initialState(settings, 1));
    const data = { train: stripedStore(3, 60, 1), test: stripedStore(3, 30, 2) };
    const result = await probe(engine, buildFeatures(settings, engine.target), data, {
      regression: { ...PROTOCOL, epochs: 10 },
      seeds: [1, 2],
    });
    expect(result).toMatchObject({ classes: 3, trainImages: 180, testImages: 90 });
    expect(result.blocks.map(({ block }) => block)).toEqual(["block1", "block2", "block3"]);
    expect(Math.max(...result.blocks.map(({ mean }) => mean))).toBeGreaterThan(0.9);
    expect(result.blocks.find(({ block }) => block === result.best)!.scores).toHaveLength(2);
  });

  it("of images of which some have no label those that have one are looked at", async () => {
    await engine.writeState(initialState(settings, 1));
    const store = stripedStore(3, 40, 1);
    const labels = store.labels!.map((label, i) => (i % 4 < 2 ? label : NO_LABEL));
    const train = { ...store, labels };
    const features = buildFeatures(settings, engine.target);
    const options = { regression: { ...PROTOCOL, epochs: 1 }, seeds: [1] };
    const result = await probe(engine, features, { train, test: stripedStore(3, 30, 2) }, options);
    expect(result).toMatchObject({ classes: 3, trainImages: 60, testImages: 90 });
    const none = { ...store, labels: labels.map(() => NO_LABEL) };
    await expect(probe(engine, features, { train: none, test: train }, options)).rejects.toThrow(
      /None of the 120 images .* has a label/,
    );
  });

  it("images without labels are refused", async () => {
    const plain = memoryStore({ images: new Uint8Array(20 * 768), size: 16, hash: "plain" });
    const features = buildFeatures(settings, engine.target);
    await expect(
      probe(engine, features, { train: plain, test: plain }, { regression: PROTOCOL, seeds: [1] }),
    ).rejects.toThrow(/no class labels/);
  });
});
