/** Standing statistics: means of the statistics of generated batches, gathered pass by pass. */
import { expect, it } from "vitest";
import { expectClose } from "../../../test/support/close.ts";
import { randomStream } from "../../base/random.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { STANDARD_TARGET } from "../../graph/index.ts";
import { paperSettings } from "../paper-settings.ts";
import { initialState, networkLayout } from "./initial-state.ts";
import { samplerProgram, standingProgram } from "./sampler.ts";

const settings = paperSettings({
  data: { resolution: 16 },
  generator: { width: 4, latentSize: 6, spectralNorm: true },
  discriminator: { width: 4 },
});
const BATCH = 8;

it("are the means over all batches, and leave the power iteration alone", async () => {
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  try {
    const state = initialState(settings, 1);
    const buffers = state["generator/buffers"]!;
    await engine.writeState({ ...state, "generator/standing": buffers });
    const pass = await engine.compile(standingProgram(settings, STANDARD_TARGET, BATCH)!);
    const random = randomStream(1, "z");
    const batches = Array.from({ length: 3 }, () =>
      Float32Array.from({ length: BATCH * 6 }, () => random.normal()),
    );
    /** Statistics after passes over batches with the given shares kept. */
    const after = async (...passes: readonly (readonly [Float32Array, number])[]): Promise<Float32Array> => {
      for (const [latents, keep] of passes)
        await pass.run({ latents, runningMomentum: Float32Array.of(keep) });
      return (await engine.readState(["generator/standing"]))["generator/standing"]!;
    };
    const single: Float32Array[] = [];
    for (const latents of batches) single.push(await after([latents, 0]));
    const all = await after([batches[0]!, 0], [batches[1]!, 1 / 2], [batches[2]!, 2 / 3]);

    const mean = single[0]!.map((_, i) => single.reduce((sum, one) => sum + one[i]!, 0) / single.length);
    expectClose(all, mean, { relative: 1e-6, name: "standing statistics" });
    expect(single[0]).not.toEqual(single[1]);
    let vectors = 0;
    for (const { name, offset, shape } of networkLayout(settings).generator.buffers)
      if (name.endsWith("/u")) {
        vectors++;
        const length = shape[0]!;
        expect(all.subarray(offset, offset + length), name).toEqual(
          buffers.subarray(offset, offset + length),
        );
      }
    expect(vectors).toBeGreaterThan(3);

    // The sampler takes them in the place of the running ones.
    await after([batches[0]!, 0]);
    const sampler = await engine.compile(samplerProgram(settings, STANDARD_TARGET, BATCH));
    const running = await sampler.run({ latents: batches[0]! });
    const standing = await sampler.run(
      { latents: batches[0]! },
      { "generator/buffers": "generator/standing" },
    );
    expect(standing.images).not.toEqual(running.images);
  } finally {
    await engine.close();
  }
});

it("do not exist for a generator without norms", () => {
  const plain = paperSettings({ ...settings, generator: { ...settings.generator, norm: "none" } });
  expect(standingProgram(plain, STANDARD_TARGET)).toBeUndefined();
});
