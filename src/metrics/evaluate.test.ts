/**
 * Whole evaluations over real images and a small network: rising numbers for worse images, honest
 * counts, refusals.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyFeatures } from "../../test/support/tiny-features.ts";
import { openData } from "../data/open.node.ts";
import { memoryStore } from "../data/store/memory-store.ts";
import type { ImageStore } from "../data/store/store.ts";
import { sampleCounts } from "./counts.ts";
import { describedMetrics } from "./describe.ts";
import { type EvaluationOptions, evaluate } from "./evaluate.ts";
import { statisticsCache } from "./extraction/cache.node.ts";
import { type ImageSet, storeImages } from "./extraction/images.ts";
import type { FeatureNetwork } from "./features/feature-network.ts";
import { openFeatures } from "./features/registry.node.ts";
import { PLAIN_PRODUCTS } from "./linalg/matrix.ts";
import { PROTOCOLS, protocolOf } from "./protocol.ts";
import { METRICS, metricsOf } from "./registry.ts";
import { imageSet } from "./testing/image-set.ts";
import { blurred, noisy } from "./testing/spoiled.ts";

const SIDE = 16;
const folder = mkdtempSync(join(tmpdir(), "quarterturn-evaluate-"));
let store: ImageStore;
let pixels: Uint8Array;
let network: FeatureNetwork;
/** Images that went through the network. */
let extracted = 0;

beforeAll(async () => {
  writeFileSync(join(folder, "tiny.onnx"), tinyFeatures({ side: SIDE }));
  const opened = await openFeatures(join(folder, "tiny.onnx"));
  network = {
    ...opened,
    extract(images, count, side) {
      extracted += count;
      return opened.extract(images, count, side);
    },
  };
  store = await openData({
    source: "emoji",
    resolution: SIDE,
    split: "test",
    preprocessing: "centre-crop",
    cacheDir: folder,
  });
  pixels = new Uint8Array(store.count * SIDE * SIDE * 3);
  for (let i = 0; i < store.count; i++) store.read(i, pixels, i * SIDE * SIDE * 3);
});
afterAll(async () => {
  store.close();
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

const imagesOf = (all: Uint8Array | Float32Array): ImageSet => imageSet(all, SIDE);

async function run(images: ImageSet, more: Partial<EvaluationOptions> = {}) {
  return evaluate({
    protocol: protocolOf("paper"),
    metrics: metricsOf(["fid"]),
    network,
    reference: store,
    counts: { reference: store.count, generated: images.count },
    repeats: 1,
    generated: () => images,
    quantisation: "uint8",
    products: PLAIN_PRODUCTS,
    ...more,
  });
}
const fidOf = async (images: Uint8Array | Float32Array): Promise<number> =>
  (await run(imagesOf(images))).metrics.fid!.mean;

/** Without the first `classes` classes. */
function without(classes: number): Uint8Array {
  const bytes = SIDE * SIDE * 3;
  const kept = [...store.labels!].flatMap((label, i) => (label >= classes ? [i] : []));
  const images = new Uint8Array(kept.length * bytes);
  kept.forEach((index, i) => {
    store.read(index, images, i * bytes);
  });
  return images;
}

const expectRising = (values: readonly number[]): void =>
  values.slice(1).forEach((value, i) => {
    expect(value, JSON.stringify(values)).toBeGreaterThan(values[i]!);
  });

describe("FID on real images", () => {
  it("of a set and itself is 0", async () => {
    expect(Math.abs(await fidOf(pixels))).toBeLessThan(1e-6);
  });

  it("rises with blur", async () => {
    expectRising(await Promise.all([0, 1, 2, 4].map((times) => fidOf(blurred(pixels, SIDE, times)))));
  });

  it("rises with noise", async () => {
    expectRising(await Promise.all([0, 8, 16, 32, 64].map((deviation) => fidOf(noisy(pixels, deviation)))));
  });

  it("rises with the classes that are missing", async () => {
    expectRising(await Promise.all([0, 1, 2, 4].map((classes) => fidOf(without(classes)))));
  });
});

it("every metric gives its numbers, each once a repeat", async () => {
  const all = await run(imagesOf(noisy(pixels, 10)), { metrics: METRICS, repeats: 2 });
  // One block of KID and one split of the Inception Score have no deviation.
  const keys = METRICS.flatMap((metric) => metric.values.map(({ key }) => key)).filter(
    (key) => key !== "kidDeviation" && key !== "isDeviation",
  );
  expect(Object.keys(all.metrics).sort()).toEqual(keys.sort());
  for (const [key, { mean, deviation, values }] of Object.entries(all.metrics)) {
    // What is of the reference alone is the same in every repeat.
    const times = key === "msSsimReference" ? 1 : 2;
    expect(values.length, key).toBe(times);
    expect(Number.isFinite(mean), key).toBe(true);
    expect(deviation === null ? 1 : 2, key).toBe(times);
  }
  expect(JSON.parse(JSON.stringify(all))).toEqual(all);
});

it("the cache spares the reference images, and gives the same numbers", async () => {
  const cache = statisticsCache(folder, (note) => expect.unreachable(note));
  const worse = imagesOf(blurred(pixels, SIDE, 1));
  const options = { metrics: metricsOf(["fid", "kid"]), cache };
  const first = await run(worse, options);
  const before = extracted;
  expect(await run(worse, options)).toEqual(first);
  expect(extracted - before).toBe(worse.count);
  // Features are there, moments of other counts are not.
  const counts = { reference: 100, generated: worse.count };
  const other = await run(worse, { ...options, counts });
  expect(other.metrics.fid!.mean).not.toBe(first.metrics.fid!.mean);
});

it("numbers of the reference alone are computed once, and printed without a spread", async () => {
  const metrics = metricsOf(["ms-ssim"]);
  let computed = 0;
  const counted = metrics.map((metric) => ({
    ...metric,
    ofReference: (input: Parameters<NonNullable<typeof metric.ofReference>>[0]) => {
      computed++;
      return metric.ofReference!(input);
    },
  }));
  const reference = memoryStore({
    images: pixels.subarray(0, 8 * SIDE * SIDE * 3),
    size: SIDE,
    hash: "eight",
  });
  const options = { metrics: counted, reference, repeats: 2, counts: { reference: 8, generated: 6 } };
  const [first, second] = [
    await run(imagesOf(noisy(pixels, 10).subarray(0, 6 * SIDE * SIDE * 3)), options),
    await run(imagesOf(noisy(pixels, 20).subarray(0, 6 * SIDE * SIDE * 3)), options),
  ];
  expect(computed).toBe(1);
  expect(Object.keys(first.metrics)).toEqual(["msSsim", "msSsimReference"]);
  expect(second.metrics.msSsimReference).toEqual(first.metrics.msSsimReference);
  expect(second.metrics.msSsim).not.toEqual(first.metrics.msSsim);
  const printed = Object.fromEntries(describedMetrics(first).map(({ key, value }) => [key, value]));
  expect(printed.msSsimReference).toMatch(/^[\d.]+$/);
  expect(printed.msSsim).toMatch(/± .*2 repeats/);
});

it("the distance itself reports how far it is, and ends where it is told to", async () => {
  const shares: number[] = [];
  const reason = new Error("enough");
  const controller = new AbortController();
  const call = run(imagesOf(pixels), {
    signal: controller.signal,
    onProgress({ phase, share }) {
      if (phase !== "metric") return;
      shares.push(share);
      if (share > 0.2) controller.abort(reason);
    },
  });
  await expect(call).rejects.toBe(reason);
  expect(shares[0]).toBe(0);
  expect(shares.at(-1)).toBeGreaterThan(0.2);
  expect(shares.at(-1)).toBeLessThan(1);
});

it("too few images for a metric are refused before any goes through the network", async () => {
  const before = extracted;
  const five = imagesOf(pixels.subarray(0, 5 * SIDE * SIDE * 3));
  await expect(run(five, { metrics: metricsOf(["fid", "prdc"]) })).rejects.toThrow(
    /Precision, recall, density, coverage: 6 images on either side are the least/,
  );
  expect(extracted).toBe(before);
});

describe("what is said and refused", () => {
  it("few images are warned of", async () => {
    const { warnings } = await run(imagesOf(pixels));
    expect(warnings.join()).toMatch(
      /Only 202 reference and 202 generated images.*: with fewer than 2,048 FID depends on how many they are/,
    );
    const counts = { reference: 20, generated: store.count };
    const few = await run(imagesOf(pixels), { counts });
    expect(few.warnings.join()).toMatch(/no more than the 24 features/);
    expect(few.metrics.fid!.mean).toBeGreaterThan(0);
  });

  it.each([
    [1, /One sample is too few to be compared/],
    [2, /Two samples are too few to be compared: the covariance of two is that of a line/],
  ])("%i images are refused before any is looked at", async (count, message) => {
    const few = imagesOf(pixels.subarray(0, count * SIDE * SIDE * 3));
    const before = extracted;
    await expect(run(few)).rejects.toThrow(message);
    const counts = { reference: count, generated: store.count };
    await expect(run(imagesOf(pixels), { counts })).rejects.toThrow(/reference images? (is|are) too few/);
    expect(extracted).toBe(before);
  });

  it("three are measured, with a warning", async () => {
    const { metrics, warnings } = await run(imagesOf(pixels.subarray(0, 3 * SIDE * SIDE * 3)));
    expect(metrics.fid!.mean).toBeGreaterThan(0);
    expect(warnings).toHaveLength(1);
  });

  it("identical images have a distance from others, and none from themselves", async () => {
    const image = pixels.subarray(0, SIDE * SIDE * 3);
    const same = new Uint8Array(10 * image.length);
    for (let i = 0; i < 10; i++) same.set(image, i * image.length);
    expect(await fidOf(same)).toBeGreaterThan(0.01);
    const reference = memoryStore({ images: same, size: SIDE, hash: "same" });
    const counts = { reference: 10, generated: 10 };
    const { metrics } = await run(imagesOf(same), { reference, counts });
    expect(Math.abs(metrics.fid!.mean)).toBeLessThan(1e-6);
  });

  it("features that are no numbers name the image", async () => {
    const broken = {
      ...network,
      extract: async (_: unknown, count: number) => {
        const features = new Float32Array(count * network.dimensions);
        features[3 * network.dimensions + 1] = Number.NaN;
        return { features, logits: undefined };
      },
    };
    await expect(run(imagesOf(pixels), { network: broken })).rejects.toThrow(
      /features of image 3 of the reference are not finite \(NaN\)/,
    );
  });

  it("an Inception Score without classes is refused", async () => {
    const plain = { ...network, classes: undefined };
    await expect(run(imagesOf(pixels), { network: plain, metrics: metricsOf(["is"]) })).rejects.toThrow(
      /needs a network that classifies/,
    );
  });

  it("an abort ends it with the signal's reason", async () => {
    const reason = new Error("enough");
    await expect(run(imagesOf(pixels), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("unknown names suggest the nearest", () => {
    expect(() => metricsOf(["fdi"])).toThrow(/Unknown metric "fdi"/);
    expect(() => protocolOf("papre")).toThrow(/Unknown protocol "papre"/);
  });
});

it("a protocol decides how many images are taken, and --samples changes that", () => {
  const counts = (name: string, available: number, samples?: number) => {
    const { reference, generated } = sampleCounts(protocolOf(name), available, samples);
    return [reference, generated];
  };
  expect(counts("paper", 10_000)).toEqual([10_000, 10_000]);
  expect(counts("paper", 10_000, 500)).toEqual([500, 500]);
  expect(counts("paper", 300, 500)).toEqual([300, 500]);
  expect(counts("mimicry", 60_000)).toEqual([50_000, 50_000]);
  expect(counts("clean", 10_000)).toEqual([10_000, 50_000]);
  expect(counts("clean", 10_000, 500)).toEqual([10_000, 500]);
  expect(new Set(PROTOCOLS.map(({ name }) => name)).size).toBe(PROTOCOLS.length);
});

it("images of a store come in the order asked for", async () => {
  const read = [];
  for await (const { pixels: some } of storeImages(store, Uint32Array.of(5, 2, 5)).chunks(2))
    read.push(...some);
  const bytes = SIDE * SIDE * 3;
  expect(read).toEqual([5, 2, 5].flatMap((i) => [...pixels.subarray(i * bytes, (i + 1) * bytes)]));
});
