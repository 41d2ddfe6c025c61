import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { type Moments, momentsOf } from "../extraction/moments.ts";
import { PLAIN_PRODUCTS } from "../linalg/matrix.ts";
import { frechetDistance } from "../scores/frechet.ts";
import type { FeatureNetwork } from "./feature-network.ts";
import { openFeatures } from "./registry.node.ts";

const SIDE = 32;
const BYTES = SIDE * SIDE * 3;
let network: FeatureNetwork;
beforeAll(async () => {
  network = await openFeatures("resnet20-cifar10", { threads: 2 });
});
afterAll(() => network.close());

/** Discs of a color before a background of another. */
function discs(count: number, seed: number): Uint8Array {
  const random = randomStream(seed, "discs");
  const images = new Uint8Array(count * BYTES);
  for (let i = 0; i < count; i++) {
    const colors = Array.from({ length: 6 }, () => random.integer(256));
    const [x0, y0, radius] = [8 + random.integer(16), 8 + random.integer(16), 4 + random.integer(8)];
    for (let p = 0; p < SIDE * SIDE; p++) {
      const inside = ((p % SIDE) - x0) ** 2 + (Math.floor(p / SIDE) - y0) ** 2 < radius ** 2;
      for (let c = 0; c < 3; c++) images[i * BYTES + p * 3 + c] = colors[inside ? c : 3 + c]!;
    }
  }
  return images;
}

const moments = async (images: Uint8Array): Promise<Moments> =>
  momentsOf((await network.extract(images, images.length / BYTES, SIDE)).features, 64, PLAIN_PRODUCTS);

describe("the network that comes with the package", () => {
  it("is the default, under its own name", () => {
    expect(network).toMatchObject({ name: "resnet20-cifar10", size: 32, dimensions: 64, classes: 10 });
    expect(network.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("sees each image by itself", async () => {
    const images = discs(9, 1);
    const { features, logits } = await network.extract(images, 9, SIDE);
    expect([features.length, logits?.length]).toEqual([9 * 64, 90]);
    expect(features.every((v) => Number.isFinite(v) && v >= 0)).toBe(true);
    const alone = await network.extract(images.subarray(4 * BYTES, 5 * BYTES), 1, SIDE);
    for (let i = 0; i < 64; i++) expect(alone.features[i]).toBeCloseTo(features[4 * 64 + i]!, 4);
  });

  it("finds a set nearer to another of its kind than to a spoiled one, the farther the more it is spoiled", async () => {
    const random = randomStream(1, "noise");
    const spoiled = (deviation: number): Uint8Array =>
      Uint8Array.from(Uint8ClampedArray.from(discs(200, 3), (v) => v + deviation * random.normal()));
    const reference = await moments(discs(200, 2));
    const distances: number[] = [];
    for (const deviation of [0, 10, 40])
      distances.push(await frechetDistance(reference, await moments(spoiled(deviation)), PLAIN_PRODUCTS));
    expect(distances[1]).toBeGreaterThan(2 * distances[0]!);
    expect(distances[2]).toBeGreaterThan(distances[1]!);
  });
});
