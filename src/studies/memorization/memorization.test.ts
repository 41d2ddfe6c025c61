/** Copies are told from new images, whatever the data; the sheet shows what was found. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../../base/random.ts";
import { mirrored } from "../../data/decode/mirror.ts";
import { memoryStore } from "../../data/store/memory-store.ts";
import type { FeatureNetwork } from "../../metrics/features/feature-network.ts";
import { PLAIN_PRODUCTS } from "../../metrics/linalg/matrix.ts";
import { isCopy, memorizationLines, nearestTraining, summaryOf } from "./memorization.ts";
import { nearestSheet } from "./sheet.ts";

const SIDE = 8;
const BYTES = SIDE * SIDE * 3;

/** Images of a few smooth waves, [count, S, S, 3]; other ones for every seed. */
function waves(count: number, seed: number): Uint8Array {
  const stream = randomStream(seed, "waves");
  const out = new Uint8Array(count * BYTES);
  for (let i = 0; i < count; i++) {
    const [a, b, c, d] = [1, 2, 3, 4].map(() => 3 * stream.uniform());
    for (let at = 0; at < BYTES; at++) {
      const [x, y] = [Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
      out[i * BYTES + at] = 127 + 60 * Math.sin(a! * x + c!) + 60 * Math.cos(b! * y + d! * (at % 3));
    }
  }
  return out;
}

/** A network that sees means over halves of rows. */
const network: FeatureNetwork = {
  ...{ name: "means", hash: "means", size: 0, dimensions: 2 * SIDE, classes: undefined },
  async extract(images, count) {
    const features = new Float32Array(count * 2 * SIDE);
    for (let i = 0; i < count * BYTES; i++) {
      const [image, at] = [Math.floor(i / BYTES), i % BYTES];
      features[image * 2 * SIDE + Math.floor((2 * at) / (SIDE * 3))]! += images[i]! / 12;
    }
    return { features, logits: undefined };
  },
  close: async () => undefined,
};

const TRAINED = 300;
const training = memoryStore({ images: waves(TRAINED, 1), size: SIDE, hash: "waves" });
const imageAt = (index: number): Uint8Array => {
  const out = new Uint8Array(BYTES);
  training.read(index, out, 0);
  return out;
};

async function look(samples: Uint8Array, isMirrored = false) {
  const order = Uint32Array.from({ length: TRAINED }, (_, i) => TRAINED - 1 - i);
  const features = new Float32Array(TRAINED * 2 * SIDE);
  for (const [row, image] of order.entries())
    features.set((await network.extract(imageAt(image), 1, SIDE)).features, row * 2 * SIDE);
  return nearestTraining({
    ...{ samples, training, features, order, network, mirrored: isMirrored },
    ...{ resize: "tf1-bilinear", products: PLAIN_PRODUCTS },
  });
}

describe("samples", () => {
  it("that are training images with a little noise are copies, each of its own original", async () => {
    const stream = randomStream(2, "noise");
    const originals = [5, 77, 123, 299];
    const samples = Uint8Array.from(
      originals.flatMap((index) =>
        [...imageAt(index)].map((value) => Math.min(255, value + stream.integer(3))),
      ),
    );
    const found = await look(samples);
    expect(found.map(({ features }) => features.index)).toEqual(originals);
    expect(found.map(({ pixels }) => pixels.index)).toEqual(originals);
    expect(found.every(isCopy)).toBe(true);
    expect(memorizationLines(summaryOf(found)).at(-1)).toMatch(/100% of 4 samples .*they are copies/);
  });

  it("drawn as the training images were have percentiles all over, and are none", async () => {
    const found = await look(waves(150, 9));
    const { features, pixels, copies } = summaryOf(found);
    for (const { median } of [features, pixels]) expect(Math.abs(median - 0.5)).toBeLessThan(0.15);
    expect(copies).toBeLessThan(0.03);
    expect(memorizationLines(summaryOf(found)).at(-1)).not.toMatch(/they are copies/);
  });

  it("that are mirrored copies are near in pixels where mirrored images are trained on", async () => {
    const sample = new Uint8Array(BYTES);
    mirrored(training).read(TRAINED + 40, sample, 0);
    const [plain] = await look(sample);
    const [both] = await look(sample, true);
    expect(plain!.pixels.distance).toBeGreaterThan(0);
    expect(both!.pixels).toMatchObject({ index: 40, distance: 0, percentile: 0 });
  });
});

it("the sheet shows each sample with both neighbors, the nearest first, and says where", async () => {
  const samples = new Uint8Array([...waves(1, 30), ...imageAt(7), ...waves(1, 31)]);
  const nearest = await look(samples);
  const { picture, side, places } = nearestSheet(samples, nearest, training);
  expect(places.map(({ sample }) => sample)[0]).toBe(1);
  expect(new Set(places.map(({ sample }) => sample))).toEqual(new Set([0, 1, 2]));
  const shown = ([x, y]: readonly [number, number]): Uint8Array => {
    const scale = side / SIDE;
    return Uint8Array.from({ length: BYTES }, (_, at) => {
      const [column, row] = [Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
      return picture.pixels[((y + row * scale) * picture.width + x + column * scale) * 3 + (at % 3)]!;
    });
  };
  for (const { sample, at, features, pixels } of places) {
    expect(shown(at)).toEqual(samples.slice(sample * BYTES, (sample + 1) * BYTES));
    expect(shown(features)).toEqual(imageAt(nearest[sample]!.features.index));
    expect(shown(pixels)).toEqual(imageAt(nearest[sample]!.pixels.index));
  }
  // Below the neighbors stand digits, and nothing is outside of the picture.
  const [x, y] = places[0]!.features;
  const below = picture.pixels.subarray(((y + side + 4) * picture.width + x) * 3).subarray(0, 24);
  expect([...below].some((value) => value === 0)).toBe(true);
  expect(picture.pixels.length).toBe(picture.width * picture.height * 3);
});
