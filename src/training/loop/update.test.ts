/** What the updates of a step are fed, in which order. */
import { describe, expect, it } from "vitest";
import type { Executable, TensorMap } from "../../engine/engine.ts";
import { BATCH, fakeConfig, fakeSteps, LATENT } from "../testing/fake.ts";
import { countingBatches, recording } from "../testing/recording.ts";
import { openStreams } from "./draws.ts";
import { biasCorrected } from "./schedule.ts";
import { runUpdates } from "./update.ts";

describe("the updates of a generator step", () => {
  it("are so many of the discriminator, then one of the generator, each with latents of its own", async () => {
    const { runs, executable } = recording();
    const sources = {
      config: fakeConfig({ discIters: 3 }),
      discriminatorStep: executable("D"),
      generatorStep: executable("G"),
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const first = await runUpdates(sources, 0, { generator: 0, discriminator: 0 });
    const second = await runUpdates(sources, 1, first.updates);

    expect(runs.map(([name]) => name).join("")).toBe("DDDGDDDG");
    expect(runs.map(([, feeds]) => (feeds.images as Uint8Array | undefined)?.[0])).toEqual([
      1,
      2,
      3,
      undefined,
      4,
      5,
      6,
      undefined,
    ]);
    const latents = runs.map(([, feeds]) => (feeds.latents as Float32Array).join());
    expect(new Set(latents).size).toBe(8);
    expect(runs.every(([, feeds]) => feeds.latents?.length === BATCH * LATENT)).toBe(true);
    expect(first).toMatchObject({ discriminator: { loss: 2 }, generator: { loss: 4 } });
    expect(second.updates).toEqual({ generator: 2, discriminator: 6 });
  });

  it("count Adam's time for each network on its own, and average from the step on that was set", async () => {
    const { runs, executable } = recording();
    const sources = {
      config: fakeConfig({ discIters: 2, emaStart: 11, ema: 0.75 }),
      discriminatorStep: executable("D"),
      generatorStep: executable("G"),
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const { updates } = await runUpdates(sources, 10, { generator: 10, discriminator: 20 });
    await runUpdates(sources, 11, updates);
    const rate = (t: number): number => Math.fround(biasCorrected(0.01, 0.5, 0.9, t));
    expect(runs.map(([, feeds]) => feeds.learningRate?.[0])).toEqual([21, 22, 11, 23, 24, 12].map(rate));
    const decays = runs.flatMap(([name, feeds]) => (name === "G" ? [feeds.emaDecay?.[0]] : []));
    expect(decays).toEqual([0, 0.75]);
  });

  it("gather gradients over micro-batches before each update, and average the numbers", async () => {
    const { runs, executable } = recording();
    const named = (name: string) => ({
      ...executable(name.startsWith("D") ? "D" : "G"),
      run: async (feeds: TensorMap) => {
        runs.push([name, feeds]);
        return { loss: Float32Array.of(runs.length) };
      },
    });
    const sources = {
      config: fakeConfig({ discIters: 2, accumulate: 3 }),
      discriminatorStep: named("D!"),
      generatorStep: named("G!"),
      accumulating: { discriminatorStep: named("D+"), generatorStep: named("G+") },
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const result = await runUpdates(sources, 0, { generator: 0, discriminator: 0 });
    expect(runs.map(([name]) => name).join(" ")).toBe("D+ D+ D! D+ D+ D! G+ G+ G!");
    const images = runs.flatMap(([, feeds]) => (feeds.images ? [(feeds.images as Uint8Array)[0]] : []));
    expect(images).toEqual([1, 2, 3, 4, 5, 6]);
    const rate = (t: number): number => Math.fround(biasCorrected(0.01, 0.5, 0.9, t));
    expect(runs.map(([, feeds]) => feeds.learningRate?.[0])).toEqual(
      [1, 1, 1, 2, 2, 2, 1, 1, 1].map((t) => rate(t)),
    );
    expect(result).toMatchObject({
      discriminator: { loss: 3.5 },
      generator: { loss: 8 },
      updates: { generator: 1, discriminator: 2 },
    });
  });

  it("feed the weights of the losses and the labels where a program takes them, and say what changes", async () => {
    const { runs, executable } = recording();
    const withFeeds = (
      name: "D" | "G",
      ...extra: readonly (readonly [string, "float32" | "int64", number[]])[]
    ) => {
      const plain = executable(name);
      const feeds = [
        ...plain.program.feeds,
        ...extra.map(([n, dtype, shape]) => ({ name: n, dtype, shape })),
      ];
      return { ...plain, program: { ...plain.program, feeds } };
    };
    const config = {
      ...fakeConfig({ steps: 5, discIters: 1 }),
      objective: {
        ...{ alpha: 0.2, alphaEnd: 0, beta: 1, betaEnd: null, lambda: 10, penaltyEvery: 1 },
        selfSupervision: "rotation" as const,
      },
    };
    const sources = {
      config,
      discriminatorStep: withFeeds(
        "D",
        ["beta", "float32", []],
        ["lambda", "float32", []],
        ["labels", "int64", [2]],
      ),
      generatorStep: withFeeds("G", ["alpha", "float32", []]),
      batches: { next: () => ({ images: new Uint8Array(1), labels: Uint16Array.of(3, 1) }), save: () => 0 },
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const result = await runUpdates(sources, 2, { generator: 2, discriminator: 2 });
    const [d, g] = runs.map(([, feeds]) => feeds) as [TensorMap, TensorMap];
    expect([d.beta?.[0], d.lambda?.[0], d.alpha, d.emaDecay]).toEqual([1, 10, undefined, undefined]);
    expect([...d.labels!]).toEqual([3n, 1n]);
    expect([g.alpha?.[0], g.beta, g.labels]).toEqual([Math.fround(0.1), undefined, undefined]);
    expect(result.alpha).toBeCloseTo(0.1, 12);
    expect(result).not.toHaveProperty("beta");
    expect(result).not.toHaveProperty("discriminatorLearningRate");
  });
});

describe("a loss that pairs images", () => {
  /** A generator's step that is shown real images. */
  const paired = (executable: Executable, name: string, runs: [string, TensorMap][]): Executable => ({
    ...executable,
    program: {
      ...executable.program,
      feeds: [...executable.program.feeds, { name: "images", dtype: "uint8", shape: [1] }],
    },
    run: async (feeds) => {
      runs.push([name, feeds]);
      return { loss: Float32Array.of(0) };
    },
  });

  it.each([1, 2])("has a batch for the generator's update too, of %d micro-batches", async (accumulate) => {
    const { runs, executable } = recording();
    const g = (name: string): Executable => paired(executable("G"), name, runs);
    const sources = {
      config: fakeConfig({ discIters: 2, accumulate }),
      discriminatorStep: executable("D"),
      generatorStep: g("G!"),
      accumulating: { discriminatorStep: executable("D"), generatorStep: g("G+") },
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const first = await runUpdates(sources, 0, { generator: 0, discriminator: 0 });
    await runUpdates(sources, 1, first.updates);
    const images = runs.map(([, feeds]) => (feeds.images as Uint8Array)[0]);
    expect(images).toEqual(Array.from({ length: 6 * accumulate }, (_, i) => i + 1));
    expect(runs.map(([name]) => name).join("")).toBe(accumulate === 1 ? "DDG!DDG!" : "DDDDG+G!DDDDG+G!");
    expect(sources.batches.save()).toBe(6 * accumulate);
  });
});
