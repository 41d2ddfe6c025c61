/** The exported generator against the trainer's sampler, run by plain ONNX Runtime. */
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import type { Engine } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { buildSteps } from "../build.ts";
import { paperSettings } from "../paper-settings.ts";
import type { StepSettings } from "../settings.ts";
import { exportGenerator } from "./export.ts";
import { floatSamplerProgram } from "./sampler.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

const settings = (generator: Partial<StepSettings["generator"]>, resolution: number): StepSettings => {
  const architecture = generator.architecture ?? "resnet-cifar";
  return paperSettings({
    data: { resolution },
    generator: { architecture, width: 8, latentSize: 6, ...generator },
    discriminator: { architecture, width: 8 },
    objective: { selfSupervision: "none" },
    training: { batchSize: 4 },
  });
};

it.each([
  [{ architecture: "resnet-cifar" }, 32, 0.15],
  [{ architecture: "sngan-resnet" }, 32, 0.15],
  [{ architecture: "resnet-cifar", norm: "none" }, 16, 0.15],
  [{ architecture: "resnet-cifar", spectralNorm: true }, 16, 0.15],
  [{ architecture: "resnet-cifar", norm: "self-modulated", hierarchicalLatent: true }, 16, 0.15],
  [{ architecture: "resnet5", norm: "self-modulated" }, 16, 0.15],
  [{ architecture: "zq-resnet" }, 32, 0.6],
  [{ architecture: "sndcgan" }, 16, 0.6],
  [{ architecture: "sndcgan", norm: "self-modulated" }, 16, 0.6],
  [{ architecture: "dcgan" }, 48, 0.6],
] as const)("%o at %d: the sampler's images at any batch size", async (options, resolution, noise) => {
  const config = settings(options, resolution);
  const steps = buildSteps(config, engine.target, 64);
  const random = randomStream(1, "export test");
  // Statistics and weights as they are after some training: nothing 0, nothing 1, images that differ.
  const state = Object.fromEntries(
    Object.entries(steps.initialState(2)).map(([name, values]) => [
      name,
      name.endsWith("buffers")
        ? values.map(() => 0.3 + random.uniform())
        : values.map((v) => v + noise * random.normal()),
    ]),
  );
  await engine.writeState(state);
  const latents = Float32Array.from({ length: 64 * 6 }, () => random.normal());
  const sampler = await engine.compile(steps.sampler);
  const expected = (await sampler.run({ latents })).images as Uint8Array;
  await sampler.release();
  expect(new Set(expected).size).toBeGreaterThan(10);

  // The sampler that does not round makes the same images before rounding.
  const floatSampler = await engine.compile(floatSamplerProgram(config, engine.target, 64));
  const unrounded = (await floatSampler.run({ latents })).images as Float32Array;
  await floatSampler.release();
  let furthest = 0;
  expected.forEach((value, i) => {
    furthest = Math.max(furthest, Math.abs(value - unrounded[i]!));
  });
  expect(furthest).toBeLessThan(0.501);
  expect(furthest).toBeGreaterThan(0.4);

  const weights = { parameters: state["generator/parameters"]!, buffers: state["generator/buffers"] };
  const session = await ort.InferenceSession.create(await exportGenerator(config, weights, engine, {}));
  for (const batch of [1, 7, 64]) {
    const z = new ort.Tensor("float32", latents.slice(0, batch * 6), [batch, 6]);
    const { images } = await session.run({ z });
    expect([images!.type, images!.dims]).toEqual(["uint8", [batch, 3, resolution, resolution]]);
    const planes = images!.data as Uint8Array;
    const area = resolution ** 2;
    let worst = 0;
    for (let i = 0; i < planes.length; i++) {
      const [image, channel, place] = [Math.floor(i / (3 * area)), Math.floor(i / area) % 3, i % area];
      worst = Math.max(worst, Math.abs(planes[i]! - expected[(image * area + place) * 3 + channel]!));
    }
    expect(worst, `batch ${batch}`).toBeLessThanOrEqual(1);
  }
  await session.release();
});

it("refuses weights of another network", async () => {
  const config = settings({}, 16);
  const weights = { parameters: new Float32Array(10), buffers: undefined };
  await expect(exportGenerator(config, weights, engine, {})).rejects.toThrow(
    /10 numbers for a network of \d+/,
  );
});
