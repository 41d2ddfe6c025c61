import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { INCEPTION_SIDE, INCEPTION_VARIANTS, inception } from "./inception.ts";
import { type InceptionName, inceptionWeights } from "./inception-weights.ts";
import { openOnnxFeatures } from "./onnx-file.node.ts";
import { formulaImages, formulaWeights } from "./testing/formula-weights.ts";
import { writeFeatureModel } from "./write-model.ts";

/**
 * test/goldens/inception.py: torchvision's network, the pooling of 2015 put into it. Every eighth
 * logit.
 */
type Golden = Record<InceptionName, { features: number[][]; logits: number[][] }>;

let golden: Golden;
let engine: Engine;
let folder: string;

beforeAll(async () => {
  const path = new URL("../../../test/goldens/inception.json", import.meta.url);
  golden = JSON.parse(await readFile(path, "utf8")) as Golden;
  engine = await createInThreadEngine({ device: "cpu", threads: 2 });
  folder = await mkdtemp(join(tmpdir(), "quarterturn-inception-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** Largest difference relative to the largest value. */
function distance(actual: Float32Array, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / scale;
}

describe.each(["inception", "torchvision-inception"] as const)("%s", (name) => {
  it("gives the features and logits of PyTorch's network", async () => {
    const weights = inceptionWeights(formulaWeights(name), name, "formula");
    const variant = INCEPTION_VARIANTS[name];
    const bytes = await writeFeatureModel(
      {
        name,
        side: INCEPTION_SIDE,
        network: (scope, images) => inception(scope, images, variant),
        weights: (owned) => weights.get(owned.name)!,
        metadata: {},
      },
      engine,
    );
    const path = join(folder, `${name}.onnx`);
    await writeFile(path, bytes);
    const network = await openOnnxFeatures(path, { threads: 2 });
    try {
      expect(network).toMatchObject({ size: 299, dimensions: 2048, classes: variant.classes });
      const { features, logits } = await network.extract(formulaImages(), 2, INCEPTION_SIDE);
      for (const i of [0, 1]) {
        expect(distance(features.subarray(2048 * i, 2048 * (i + 1)), golden[name].features[i]!)).toBeLessThan(
          1e-4,
        );
        const own = logits!.subarray(variant.classes * i, variant.classes * (i + 1));
        expect(
          distance(
            own.filter((_, k) => k % 8 === 0),
            golden[name].logits[i]!,
          ),
        ).toBeLessThan(1e-4);
      }
    } finally {
      await network.close();
    }
  });
});
