/**
 * The discriminator on its own, on the engine and as an exported file, against the passes that an
 * independent PyTorch program made with the same weights (test/goldens/updates.py): logits of real
 * images, and rotation logits of the last n in all four turns.
 */
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rotatePixels } from "../src/data/decode/rotate.ts";
import type { Engine } from "../src/engine/engine.ts";
import { createInThreadEngine } from "../src/engine/node.node.ts";
import { sizeOf } from "../src/graph/index.ts";
import { paperSettings } from "../src/objectives/paper-settings.ts";
import { discriminatorProgram } from "../src/objectives/programs/discriminator-program.ts";
import { exportDiscriminator } from "../src/objectives/programs/export-discriminator.ts";
import type { Slot } from "../src/objectives/steps.ts";
import { expectClose } from "./support/close.ts";
import { readGolden } from "./support/safetensors.ts";

const FORMS = [
  ["compare_gan", "resnet-cifar", 16],
  ["compare_gan", "resnet-cifar", 32],
  ["mimicry", "sngan-resnet", 16],
] as const;
const RELATIVE = 1e-4;

let engine: Engine;
beforeAll(async () => {
  engine = await createInThreadEngine({ device: "cpu", threads: 1 });
});
afterAll(() => engine.close());

/** uint8 [N, S, S, 3] → [N, 3, S, S]. */
function toPlanes(pixels: Uint8Array, side: number): Uint8Array {
  const area = side * side;
  return pixels.map((_, i) => {
    const [image, channel, place] = [Math.floor(i / (3 * area)), Math.floor(i / area) % 3, i % area];
    return pixels[(image * area + place) * 3 + channel]!;
  });
}

describe.each(FORMS)("%s, %s at %d", (form, architecture, side) => {
  const golden = (
    JSON.parse(readFileSync(new URL(`goldens/updates/${form}.json`, import.meta.url), "utf8")) as {
      cases: Record<string, never>[];
    }
  ).cases.find((each) => each.resolution === side)! as unknown as Record<string, number> & { file: string };
  const file = readGolden(new URL(`goldens/updates/${golden.file}`, import.meta.url));
  const get = (key: string): Float32Array => file.get(key)!.data as Float32Array;
  const batch = golden.batchSize!;
  const turned = golden.rotatedBatch! / 4;
  const settings = paperSettings({
    data: { resolution: side },
    generator: { architecture, width: golden.generatorWidth!, latentSize: golden.latentSize! },
    discriminator: { architecture, width: golden.discriminatorWidth! },
    objective: { rotatedBatch: golden.rotatedBatch! },
    training: { batchSize: batch },
  });
  const images = file.get("inputs/images")!.data as Uint8Array;
  const logits = get("start/dStep/logits").subarray(0, batch);
  // [real N; turned 3n; …]: of the last n real ones as they are, then turned by 90°, 180°, 270°.
  const rotation = get("start/dStep/rotationLogits").subarray((batch - turned) * 4, (batch + 3 * turned) * 4);
  const flat = (slots: readonly Slot[]): Float32Array =>
    Float32Array.from(slots.flatMap((slot) => [...get(`initial/${slot.name}`)]));

  it("on the engine: score, rotation of every turn, features that add up", async () => {
    const discriminator = discriminatorProgram(settings, engine.target, {
      batch,
      views: "task",
      features: 1,
    });
    const { parameters, buffers } = discriminator.layout;
    await engine.writeState({
      "discriminator/parameters": flat(parameters),
      "discriminator/buffers": flat(buffers),
    });
    const executable = await engine.compile(discriminator.program);
    const results = await executable.run({ images });
    await executable.release();
    expectClose(results.score as Float32Array, logits, { relative: RELATIVE, name: "score" });
    const all = results.rotation as Float32Array;
    const last = [0, 1, 2, 3].flatMap((turns) => [
      ...all.subarray((turns * batch + batch - turned) * 4, (turns + 1) * batch * 4),
    ]);
    expectClose(last, rotation, { relative: RELATIVE, name: "rotation" });
    // The head is linear in what it reads, divided by its spectral norm: score − bias is proportional to pooled · kernel.
    const kernel = get("initial/discriminator/finalFc/kernel");
    const bias = get("initial/discriminator/finalFc/bias")[0]!;
    const pooled = results.pooled as Float32Array;
    const products = Array.from({ length: batch }, (_, i) =>
      kernel.reduce((sum, w, k) => sum + w * pooled[i * kernel.length + k]!, 0),
    );
    const norm = products[0]! / (logits[0]! - bias);
    expectClose(
      products.map((p) => p / norm + bias),
      logits,
      { relative: 1e-3, name: "head" },
    );
    for (const { name, dimensions } of discriminator.blocks)
      expect(results[name]).toHaveLength(batch * dimensions);
  });

  it("as a file, run by plain ONNX Runtime at several batch sizes: the same", async () => {
    const { layout } = discriminatorProgram(settings, engine.target, { batch });
    const weights = { parameters: flat(layout.parameters), buffers: flat(layout.buffers) };
    const bytes = await exportDiscriminator(settings, weights, engine, { name: "golden" }, { maps: true });
    const session = await ort.InferenceSession.create(bytes);
    const area = side * side * 3;
    for (const count of [batch, 1]) {
      const upright = toPlanes(images.subarray(0, count * area), side);
      const outputs = await session.run({
        images: new ort.Tensor("uint8", upright, [count, 3, side, side]),
      });
      expectClose(outputs.score!.data as Float32Array, logits.subarray(0, count), {
        relative: RELATIVE,
        name: `score of ${count}`,
      });
      expect(outputs.score!.dims).toEqual([count]);
      expect(outputs.rotation!.dims).toEqual([count, 4]);
      const map = outputs.block2_map!;
      const values = map.data as Float32Array;
      const cells = sizeOf(map.dims.slice(2));
      const means = Array.from(
        { length: count * map.dims[1]! },
        (_, i) => values.subarray(i * cells, (i + 1) * cells).reduce((a, b) => a + b, 0) / cells,
      );
      expectClose(outputs.block2!.data as Float32Array, means, { relative: 1e-5, name: "block2" });
    }
    const lastTurned = new Uint8Array(turned * 4 * area);
    for (let i = 0; i < 4 * turned; i++) {
      const from = (batch - turned + (i % turned)) * area;
      const turns = Math.floor(i / turned) as 0 | 1 | 2 | 3;
      lastTurned.set(rotatePixels(images.subarray(from, from + area), side, turns), i * area);
    }
    const planes = new ort.Tensor("uint8", toPlanes(lastTurned, side), [4 * turned, 3, side, side]);
    const { rotation: judged } = await session.run({ images: planes });
    expectClose(judged!.data as Float32Array, rotation, {
      relative: RELATIVE,
      name: "rotation of turned images",
    });
    await session.release();
  });
});

it("a network without the rotation head says nothing of it, and one that is told classes asks for them", async () => {
  const options = { generator: { width: 8 }, discriminator: { width: 8 }, data: { resolution: 16 } } as const;
  const plain = discriminatorProgram(
    paperSettings({ ...options, objective: { selfSupervision: "none" } }),
    engine.target,
  );
  expect(plain.task).toBeUndefined();
  expect(plain.program.results.map(({ name }) => name)).toEqual(["score"]);
  const conditional = paperSettings({
    ...options,
    data: { resolution: 16, classes: 3 },
    discriminator: { width: 8, conditioning: "projection" },
  });
  const feeds = (discriminator: ReturnType<typeof discriminatorProgram>) =>
    discriminator.program.feeds.map(({ name }) => name);
  expect(feeds(discriminatorProgram(conditional, engine.target))).toEqual(["images", "labels"]);
  const asked = discriminatorProgram(conditional, engine.target, { score: false, features: 1 });
  expect(feeds(asked)).toEqual(["images"]);
  expect(asked.program.results.map(({ name }) => name)).toEqual([
    ...["rotation", "block1", "block2", "block3", "pooled"],
  ]);
});
