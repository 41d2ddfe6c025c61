/**
 * What a chosen beginning is for: a narrow discriminator without spectral normalization that still
 * says something.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { randomStream } from "../base/random.ts";
import type { Engine } from "../engine/engine.ts";
import { createEngine } from "../engine/node.node.ts";
import type { Initialization } from "../nn/initialization.ts";
import { paperSettings } from "./paper-settings.ts";
import { discriminatorProgram } from "./programs/discriminator-program.ts";
import { initialState } from "./programs/initial-state.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

/** The largest score of any image of a batch of noise. */
async function largestScore(initialization: Initialization): Promise<number> {
  const settings = paperSettings({
    discriminator: { width: 16, spectralNorm: false, initialization },
    objective: { selfSupervision: "none" },
  });
  const { program } = discriminatorProgram(settings, engine.target, { batch: 4 });
  await engine.writeState({
    "discriminator/parameters": initialState(settings, 1)["discriminator/parameters"]!,
  });
  const executable = await engine.compile(program);
  const random = randomStream(1, "noise");
  const { resolution } = settings.data;
  const images = Uint8Array.from({ length: 4 * resolution * resolution * 3 }, () => random.integer(256));
  const { score } = await executable.run({ images });
  await executable.release();
  return Math.max(...Array.from(score as Float32Array, Math.abs));
}

it("as published nothing is left of the signal at 16 channels; xavier, he, orthogonal and fixup keep it", async () => {
  expect(await largestScore("published")).toBeLessThan(1e-3);
  for (const kind of ["xavier", "he", "orthogonal", "fixup"] as const) {
    const score = await largestScore(kind);
    expect(score).toBeGreaterThan(0.05);
    expect(score).toBeLessThan(50);
  }
});
