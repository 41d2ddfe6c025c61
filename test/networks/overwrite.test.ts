/**
 * Training steps write all their state (but what micro-batches have gathered) over the old one, for
 * every architecture, and compute the same bits as with new memory.
 */
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import type { TensorData } from "../../src/engine/engine.ts";
import { createSessionStore } from "../../src/engine/sessions/sessions.ts";
import { hostMemory } from "../../src/engine/sessions/state.ts";
import { sizeOf, type Target } from "../../src/graph/index.ts";
import { joinModels } from "../../src/graph/onnx/join.ts";
import { toOnnx } from "../../src/graph/onnx/program.ts";
import type { ProgramBorders } from "../../src/graph/program.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { paperSettings, type SettingsOverrides } from "../../src/objectives/paper-settings.ts";
import { both, smallSettings } from "../../src/objectives/testing/small-settings.ts";

const TARGET: Target = { provider: "cpu", block: 0 };
const small = (overrides: SettingsOverrides, resolution?: number): SettingsOverrides =>
  smallSettings(overrides, { width: 8, batch: 8 }, resolution);
const CASES: Record<string, SettingsOverrides> = {
  "resnet-cifar": small({}),
  "with a first moment": small({ optimizer: { beta1: 0.5 } }),
  "with a gradient penalty": small({
    discriminator: { spectralNorm: false },
    objective: { penalty: "wgan-gp" },
  }),
  "in micro-batches": small({ training: { accumulate: 2 } }),
  "with spectral normalization of the generator": small({ generator: { spectralNorm: true } }),
  "with classes": small({
    data: { classes: 5 },
    generator: { norm: "conditional" },
    discriminator: { conditioning: "projection" },
  }),
  "self-modulated": small({ generator: { norm: "self-modulated" } }),
  "sngan-resnet": small(both({ architecture: "sngan-resnet" } as const)),
  resnet5: small(both({ architecture: "resnet5" } as const)),
  "resnet-stl": small(both({ architecture: "resnet-stl" } as const), 48),
  sndcgan: small(both({ architecture: "sndcgan" } as const)),
  dcgan: small({ ...both({ architecture: "dcgan" } as const) }),
};

/** Feeds of a program, small numbers from a seed. */
function feedsOf({ feeds }: ProgramBorders, seed: number): Record<string, TensorData> {
  const stream = randomStream(seed, "feeds");
  return Object.fromEntries(
    feeds.map(({ name, dtype, shape }) => {
      const length = sizeOf(shape);
      if (dtype === "int64") return [name, BigInt64Array.from({ length }, () => BigInt(stream.integer(2)))];
      if (dtype === "uint8") return [name, Uint8Array.from({ length }, () => stream.integer(256))];
      if (dtype === "bool") return [name, Uint8Array.from({ length }, () => stream.integer(2))];
      return [name, Float32Array.from({ length }, () => (length === 1 ? 1e-3 : stream.normal()))];
    }),
  );
}

async function train(settings: SettingsOverrides, overwrites: boolean, together: boolean) {
  const steps = buildSteps(paperSettings(settings), TARGET);
  const programs = [steps.discriminatorStep, steps.generatorStep].map(toOnnx);
  const store = createSessionStore(
    ort,
    () => ({ intraOpNumThreads: 1, logSeverityLevel: 4 }),
    hostMemory(ort, overwrites),
  );
  try {
    if (together) await store.load([0, 1], programs, joinModels(programs));
    else for (const [i, program] of programs.entries()) await store.load([i], [program], program.model);
    const state = steps.initialState(3);
    await store.write(state);
    const results: unknown[] = [];
    for (let step = 0; step < 2; step++)
      for (const [i, program] of programs.entries())
        results.push(await store.run(i, feedsOf(program, 10 * step + i), {}));
    return { results, state: await store.read(Object.keys(state)) };
  } finally {
    await store.dispose();
  }
}

describe.each(Object.entries(CASES))("%s", (_, settings) => {
  it("writes over everything, and changes no bit by it", async () => {
    const { discriminatorStep, generatorStep } = buildSteps(paperSettings(settings), TARGET);
    for (const { overwrites, writes } of [discriminatorStep, generatorStep].map(toOnnx))
      expect(overwrites).toEqual(
        writes.map(({ name }) => name).filter((name) => !name.endsWith("/gradient")),
      );
    const plain = await train(settings, false, false);
    expect(await train(settings, true, false)).toEqual(plain);
    expect(await train(settings, true, true)).toEqual(plain);
  });
});
