/**
 * The exported discriminator against the program on the engine, for every architecture;
 * test/discriminator-program.test.ts compares both with PyTorch.
 */
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import type { Engine } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { DISCRIMINATORS } from "../../models/registry.ts";
import { paperSettings } from "../paper-settings.ts";
import type { StepSettings } from "../settings.ts";
import { discriminatorProgram } from "./discriminator-program.ts";
import { exportDiscriminator } from "./export-discriminator.ts";
import { initialState } from "./initial-state.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

it.each([
  ["resnet-cifar", { norm: "none" }],
  ["resnet-cifar", { norm: "layer", spectralNorm: false }],
  ["resnet-cifar", { conditioning: "projection" }],
  ["sngan-resnet", {}],
  ["resnet5", {}],
  ["resnet-stl", {}],
  ["zq-resnet", {}],
  ["sndcgan", { norm: "layer" }],
  ["dcgan", {}],
] as const)("%s %o: the program's numbers at any batch size", async (architecture, options) => {
  const conditional = "conditioning" in options;
  const resolution = DISCRIMINATORS[architecture].resolutions[0]!;
  const settings: StepSettings = paperSettings({
    data: { resolution, classes: conditional ? 5 : 0 },
    generator: { architecture, width: 8, latentSize: 4 },
    discriminator: { architecture, width: 8, ...options },
    training: { batchSize: 4 },
  });
  const random = randomStream(1, "discriminator export test");
  const state = Object.fromEntries(
    Object.entries(initialState(settings, 3)).map(([name, values]) => [
      name,
      values.map((value) => value + 0.05 * random.normal()),
    ]),
  );
  await engine.writeState(state);
  const batch = 5;
  const { program, task } = discriminatorProgram(settings, engine.target, { batch, features: 1 });
  expect(task?.key).toBe("rotation");
  const pixels = Uint8Array.from({ length: batch * resolution ** 2 * 3 }, () => random.integer(256));
  const labels = BigInt64Array.from([4n, 0n, 3n, 1n, 2n]);
  const executable = await engine.compile(program);
  const expected = await executable.run({ images: pixels, ...(conditional && { labels }) });
  await executable.release();

  const weights = {
    parameters: state["discriminator/parameters"]!,
    buffers: state["discriminator/buffers"],
  };
  const bytes = await exportDiscriminator(settings, weights, engine, { resolution: String(resolution) });
  const session = await ort.InferenceSession.create(bytes);
  const area = resolution ** 2;
  for (const count of [1, batch]) {
    const planes = Uint8Array.from({ length: count * 3 * area }, (_, i) => {
      const [image, channel, place] = [Math.floor(i / (3 * area)), Math.floor(i / area) % 3, i % area];
      return pixels[(image * area + place) * 3 + channel]!;
    });
    const outputs = await session.run({
      images: new ort.Tensor("uint8", planes, [count, 3, resolution, resolution]),
      ...(conditional && { labels: new ort.Tensor("int64", labels.slice(0, count), [count]) }),
    });
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { data }] of Object.entries(outputs)) {
      const mine = data as Float32Array;
      const theirs = (expected[name] as Float32Array).subarray(0, mine.length);
      const largest = theirs.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const furthest = mine.reduce((max, value, i) => Math.max(max, Math.abs(value - theirs[i]!)), 0);
      expect(largest, name).toBeGreaterThan(0);
      expect(furthest / largest, `${name} of ${count}`).toBeLessThan(1e-4);
    }
  }
  await session.release();
});

it("refuses weights of another network", async () => {
  const weights = { parameters: new Float32Array(10), buffers: undefined };
  await expect(exportDiscriminator(paperSettings(), weights, engine, {})).rejects.toThrow(
    /10 numbers for a network of \d+/,
  );
});
