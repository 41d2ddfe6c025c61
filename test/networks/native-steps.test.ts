/**
 * Training steps of every architecture, objective and penalty on the native engine: the gradients
 * are those of ONNX Runtime.
 */
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import type { TensorData } from "../../src/engine/engine.ts";
import { createNativeState } from "../../src/engine/native/state.node.ts";
import { createNativeStore } from "../../src/engine/native/store.node.ts";
import { openForTests, relativeError } from "../../src/engine/native/testing/run.ts";
import type { MemoryType } from "../../src/engine/native/vocabulary.ts";
import { createSessionStore, type SessionStore } from "../../src/engine/sessions/sessions.ts";
import type { StateMemory } from "../../src/engine/sessions/state.ts";
import { NATIVE_TARGET, sizeOf } from "../../src/graph/index.ts";
import { toOnnx } from "../../src/graph/onnx/program.ts";
import type { ProgramBorders } from "../../src/graph/program.ts";
import { CPU } from "../../src/graph/testing/evaluate.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { paperSettings, type SettingsOverrides } from "../../src/objectives/paper-settings.ts";
import { both, smallSettings } from "../../src/objectives/testing/small-settings.ts";
import { describeWith } from "../support/needs.ts";

const { missing } = await openForTests();
const small = (overrides: SettingsOverrides, resolution?: number): SettingsOverrides =>
  smallSettings(overrides, { width: 16, batch: 4 }, resolution);
const unnormalized = { discriminator: { spectralNorm: false } } as const;
const CASES: Record<string, SettingsOverrides> = {
  "resnet-cifar": small({}),
  "sngan-resnet, each image in one turn": small({
    ...both({ architecture: "sngan-resnet" } as const),
    objective: { turns: "one" },
  }),
  "resnet5 with layer norm": small(
    {
      generator: { architecture: "resnet5" },
      discriminator: { architecture: "resnet5", norm: "layer", spectralNorm: false },
      training: { batchSize: 2 },
    },
    128,
  ),
  "resnet-stl, spectral normalization everywhere": small(
    {
      generator: { architecture: "resnet-stl", spectralNorm: true },
      discriminator: { architecture: "resnet-stl" },
      training: { batchSize: 2 },
    },
    48,
  ),
  sndcgan: small(both({ architecture: "sndcgan" } as const)),
  "dcgan with a first moment": small({
    ...both({ architecture: "dcgan" } as const),
    optimizer: { beta1: 0.5 },
  }),
  "wgan-gp": small({ ...unnormalized, objective: { penalty: "wgan-gp", loss: "wasserstein" } }),
  "r3gan, relativistic with R1 and R2": small({
    generator: { architecture: "r3gan", norm: "none" },
    discriminator: { architecture: "r3gan", spectralNorm: false },
    objective: { loss: "relativistic", penalty: "r1-r2", selfSupervision: "none" },
  }),
  "fastgan with its decoders": small(
    {
      generator: { architecture: "fastgan", width: 8, spectralNorm: true },
      discriminator: { architecture: "fastgan", width: 8, norm: "layer" },
      objective: { auxiliary: "reconstruction:1", selfSupervision: "none" },
      training: { batchSize: 2 },
    },
    64,
  ),
  "with an embedding of classes and self-attention": small({
    data: { classes: 5 },
    generator: { norm: "conditional", classEmbedding: 8, attention: 16 },
    discriminator: { conditioning: "projection", attention: 8 },
    objective: { auxiliary: "orthogonal:0.0001" },
  }),
  "self-modulated, in micro-batches": small({
    generator: { norm: "self-modulated" },
    training: { accumulate: 2, batchSize: 8 },
    objective: { rotatedBatch: 8 },
  }),
};

function feedsOf({ feeds }: ProgramBorders, seed: number): Record<string, TensorData> {
  const stream = randomStream(seed, "feeds");
  return Object.fromEntries(
    feeds.map(({ name, dtype, shape }) => {
      const length = sizeOf(shape);
      if (dtype === "int64") return [name, BigInt64Array.from({ length }, () => BigInt(stream.integer(2)))];
      if (dtype === "float32")
        return [name, Float32Array.from({ length }, () => (length === 1 ? 1e-3 : stream.normal()))];
      return [name, Uint8Array.from({ length }, () => stream.integer(dtype === "bool" ? 2 : 256))];
    }),
  );
}

const sessions = (memory?: StateMemory): SessionStore =>
  createSessionStore(ort, () => ({ intraOpNumThreads: 1, logSeverityLevel: 4 }), memory);

async function native(type: MemoryType): Promise<SessionStore> {
  const { dnnl } = await openForTests();
  const state = createNativeState(ort, dnnl!.library);
  return createNativeStore({
    dnnl: dnnl!,
    state,
    sessions: sessions(state.memory),
    type,
    profile: undefined,
  });
}

/**
 * One update of each network: losses, and what Adam was given (its second moment starts at 0, so it
 * is the squared gradient).
 */
async function update(store: SessionStore, settings: SettingsOverrides, isNative: boolean) {
  const steps = buildSteps(paperSettings(settings), isNative ? NATIVE_TARGET : CPU);
  const programs = [steps.discriminatorStep, steps.generatorStep];
  try {
    if (isNative) await store.interpret!([0, 1], programs);
    else
      for (const [i, program] of programs.map(toOnnx).entries())
        await store.load([i], [program], program.model);
    const losses: number[] = [];
    const gradients: Float32Array[] = [];
    for (const [i, network] of ["discriminator", "generator"].entries()) {
      // Both from the first weights: Adam's first step goes by the signs of gradients, those of rounding too.
      await store.write(steps.initialState(3));
      const { loss } = await store.run(i, feedsOf(programs[i]!, i), {});
      losses.push(Number(loss![0]));
      const name = `${network}/adam/v`;
      gradients.push((await store.read([name]))[name]!.map(Math.sqrt));
    }
    return { losses, gradients };
  } finally {
    await store.dispose();
  }
}

describeWith(missing, "an update of both networks", () => {
  it.each(Object.entries(CASES))("%s", async (_, settings) => {
    const expected = await update(sessions(), settings, false);
    const exact = await update(await native("f32"), settings, true);
    const rounded = await update(await native("bf16"), settings, true);
    for (const [i, gradient] of expected.gradients.entries()) {
      const loss = expected.losses[i]!;
      expect(Math.abs(exact.losses[i]! - loss)).toBeLessThan(1e-3 * Math.max(1, Math.abs(loss)));
      expect(Math.abs(rounded.losses[i]! - loss)).toBeLessThan(0.05 * Math.max(1, Math.abs(loss)));
      expect(relativeError(exact.gradients[i]!, gradient)).toBeLessThan(5e-3);
      // At the beginning what real and generated images want nearly cancels; rounding does not.
      expect(relativeError(rounded.gradients[i]!, gradient)).toBeLessThan(0.5);
    }
  });
});
