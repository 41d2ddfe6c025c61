/** What the updates of a step are fed, in which order. */
import { describe, expect, it } from "vitest";
import type { Executable, TensorMap } from "../engine/engine.ts";
import { openStreams } from "./draws.ts";
import { biasCorrected } from "./schedule.ts";
import { BATCH, fakeConfig, fakeSteps, LATENT } from "./testing/fake.ts";
import { runUpdates } from "./update.ts";

/** Executables that note what they are fed; the `n`-th run gives `loss` n. */
function recording(): { runs: [string, TensorMap][]; executable: (name: "D" | "G") => Executable } {
  const runs: [string, TensorMap][] = [];
  return {
    runs,
    executable: (name) => ({
      program: name === "D" ? fakeSteps().discriminatorStep : fakeSteps().generatorStep,
      run: async (feeds) => {
        runs.push([name, feeds]);
        return { loss: Float32Array.of(runs.length) };
      },
      release: async () => undefined,
    }),
  };
}

/** Image batches that are numbered. */
function countingBatches() {
  let drawn = 0;
  return { next: () => ({ images: Uint8Array.of(++drawn) }), save: () => drawn };
}

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
});
