/** Penalties that are in some updates only: which those are, and with what weight. */
import { describe, expect, it } from "vitest";
import type { Executable, TensorMap } from "../../engine/engine.ts";
import { fakeConfig, fakeSteps } from "../testing/fake.ts";
import { countingBatches, recording } from "../testing/recording.ts";
import { openStreams } from "./draws.ts";
import { biasCorrected } from "./schedule.ts";
import { type LazyExecutables, runUpdates, type UpdateSources } from "./update.ts";

describe("a penalty that is not in every update", () => {
  /** Programs that say their name, take λ, and give a penalty only where they have one. */
  function programs() {
    const runs: [string, TensorMap][] = [];
    const named = (name: string, network: "D" | "G"): Executable => {
      const { program, release } = recording().executable(network);
      const lambda = { name: "lambda", dtype: "float32", shape: [] } as const;
      const penalized = name.startsWith("P");
      return {
        program: { ...program, feeds: [...program.feeds, ...(penalized ? [lambda] : [])] },
        release,
        run: async (feeds) => {
          runs.push([name, feeds]);
          const loss = { loss: Float32Array.of(runs.length) };
          return penalized ? { ...loss, penalty: Float32Array.of(100 * runs.length) } : loss;
        },
      };
    };
    return { runs, named, names: () => runs.map(([name]) => name).join(" ") };
  }
  const without = (every: number, programs: LazyExecutables): UpdateSources["lazy"] => ({
    schedule: [{ name: "r1", every }],
    programs: { "": programs },
  });
  const config = (penaltyEvery: number, discIters: number, accumulate = 1) => {
    const plain = fakeConfig({ discIters, accumulate });
    return { ...plain, objective: { ...plain.objective, lambda: 0.5, penaltyEvery } };
  };

  it("is in the first and in every so-many-th update of the discriminator, whatever generator step they belong to", async () => {
    const { runs, named, names } = programs();
    const sources = {
      config: config(3, 2),
      discriminatorStep: named("P", "D"),
      generatorStep: named("G", "G"),
      lazy: without(3, { discriminatorStep: named("U", "D"), accumulating: undefined }),
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    let updates = { generator: 0, discriminator: 0 };
    const penalties: unknown[] = [];
    for (let step = 0; step < 4; step++) {
      const result = await runUpdates(sources, step, updates);
      updates = { ...result.updates };
      penalties.push(result.discriminator.penalty);
    }
    expect(names()).toBe("P U G U P G U U G P U G");
    // Three times the weight, in one update of three.
    const weights = runs.map(([, { lambda }]) => lambda?.[0]);
    expect(weights.filter((weight) => weight !== undefined)).toEqual([1.5, 1.5, 1.5]);
    // The mean over those that have one; of a step in which none has, no number.
    expect(penalties).toEqual([100, 500, undefined, 1000]);
    // Every update has its own images and latents, and Adam's time goes on.
    const images = runs.flatMap(([, feeds]) => (feeds.images ? [(feeds.images as Uint8Array)[0]] : []));
    expect(images).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const rate = (t: number): number => Math.fround(biasCorrected(0.01, 0.5, 0.9, t));
    const rates = runs.flatMap(([name, feeds]) => (name === "G" ? [] : [feeds.learningRate?.[0]]));
    expect(rates).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map(rate));
  });

  it("of a list are each due in their own updates", async () => {
    const { named, names } = programs();
    const part = (name: string) => ({ discriminatorStep: named(name, "D"), accumulating: undefined });
    const sources = {
      config: config(1, 7),
      discriminatorStep: named("all", "D"),
      generatorStep: named("G", "G"),
      lazy: {
        schedule: [
          { name: "r1", every: 2 },
          { name: "l2", every: 3 },
        ],
        programs: { "": part("none"), r1: part("r1"), l2: part("l2") },
      } as const,
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    await runUpdates(sources, 0, { generator: 0, discriminator: 0 });
    expect(names()).toBe("all none r1 l2 r1 none all G");
  });

  it("is in all micro-batches of an update or in none, and is averaged over those alone", async () => {
    const { named, names, runs } = programs();
    const sources = {
      config: config(2, 3, 2),
      discriminatorStep: named("P!", "D"),
      generatorStep: named("G!", "G"),
      accumulating: { discriminatorStep: named("P+", "D"), generatorStep: named("G+", "G") },
      lazy: without(2, { discriminatorStep: named("U!", "D"), accumulating: named("U+", "D") }),
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const first = await runUpdates(sources, 0, { generator: 0, discriminator: 0 });
    expect(names()).toBe("P+ P! U+ U! P+ P! G+ G!");
    expect(first.discriminator).toEqual({ loss: 3.5, penalty: (100 * (1 + 2 + 5 + 6)) / 4 });
    expect(first.generator).toEqual({ loss: 7.5 });
    expect(runs.map(([, { lambda }]) => lambda?.[0])).toEqual([
      1,
      1,
      undefined,
      undefined,
      1,
      1,
      undefined,
      undefined,
    ]);
    runs.length = 0;
    await runUpdates(sources, 1, first.updates);
    expect(names()).toBe("U+ U! P+ P! U+ U! G+ G!");
  });

  it("has its own weight where it is in every update", async () => {
    const { named, runs } = programs();
    const sources = {
      config: config(1, 2),
      discriminatorStep: named("P", "D"),
      generatorStep: named("G", "G"),
      batches: countingBatches(),
      draws: fakeSteps().draws,
      streams: openStreams(fakeSteps().draws, 1),
    };
    const result = await runUpdates(sources, 5, { generator: 5, discriminator: 10 });
    expect(runs.map(([name, { lambda }]) => [name, lambda?.[0]])).toEqual([
      ["P", 0.5],
      ["P", 0.5],
      ["G", undefined],
    ]);
    expect(result.discriminator.penalty).toBe(150);
  });
});
