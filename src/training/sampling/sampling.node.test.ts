/**
 * The grids of a run over the real networks: which batch-norm statistics stand behind the newest
 * and behind the averaged weights.
 */
import { expect, it } from "vitest";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { STANDARD_TARGET } from "../../graph/index.ts";
import { buildSteps } from "../../objectives/build.ts";
import { parseConfig } from "../config/check.ts";
import { train } from "../loop/loop.ts";

/**
 * The two grids at step 0, with running statistics as a fresh network has them or with wrong ones.
 */
async function grids(statistics: "running" | "standing", wrong: boolean): Promise<Record<string, string>> {
  const config = parseConfig({
    "data.resolution": 16,
    "generator.width": 8,
    "generator.latentSize": 8,
    "generator.statistics": statistics,
    ...(statistics === "standing" && { "generator.standingSamples": 100 }),
    "discriminator.width": 4,
    "objective.rotatedBatch": 8,
    "training.batchSize": 4,
    "training.steps": 1,
    "training.ema": 0.5,
    "training.emaStart": 0,
  });
  const steps = buildSteps(config, STANDARD_TARGET);
  const initialState = (seed: number): Record<string, Float32Array> => {
    const state = steps.initialState(seed);
    const buffers = state["generator/buffers"]!.map((value) => (wrong ? 40 * value + 3 : value));
    return { ...state, "generator/buffers": buffers };
  };
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  const pictures: Record<string, string> = {};
  const abort = new AbortController();
  try {
    await train({
      config,
      steps: { ...steps, initialState },
      engine,
      batches: { next: () => ({ images: new Uint8Array(4 * 16 * 16 * 3) }), save: () => 0 },
      reals: Uint8Array.from({ length: 2 * 16 * 16 * 3 }, (_, i) => (i * 37) % 256),
      recorder: {
        record: async () => undefined,
        async savePicture(name, picture) {
          pictures[name] = Buffer.from(picture.pixels).toString("hex");
          return name;
        },
        saveSnapshot: async () => "nowhere",
      },
      signal: abort.signal,
      // After the grids of step 0, before the first update.
      onEvent: ({ kind }) => {
        if (kind === "sample") abort.abort();
      },
    });
  } finally {
    await engine.close();
  }
  return pictures;
}

it("averaged images have standing statistics where those are asked for, whatever the running ones are", async () => {
  const [newest, averaged] = ["samples/0000000", "samples/0000000-ema"] as const;
  const standing = [await grids("standing", false), await grids("standing", true)] as const;
  expect(Object.keys(standing[0])).toEqual([newest, averaged]);
  expect(standing[1][averaged]).toBe(standing[0][averaged]);
  // The newest weights keep the running statistics, which are their own.
  expect(standing[1][newest]).not.toBe(standing[0][newest]);

  const running = [await grids("running", false), await grids("running", true)] as const;
  expect(running[1][averaged]).not.toBe(running[0][averaged]);
  expect(running[0][averaged]).not.toBe(standing[0][averaged]);
  // At step 0 the average is a copy of the weights.
  expect(running[0][averaged]).toBe(running[0][newest]);
});
