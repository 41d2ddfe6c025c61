/**
 * Every metric against numpy, scipy, scikit-learn, Pillow and PyTorch (test/goldens/metrics.py),
 * with products of matrices in plain JavaScript and by ONNX Runtime; and what must hold of them for
 * any images.
 */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { randomStream } from "../src/base/random.ts";
import { momentsOf } from "../src/metrics/extraction/moments.ts";
import { type ResizeName, resizeImages } from "../src/metrics/extraction/resize.ts";
import { symmetricEigenvalues } from "../src/metrics/linalg/eigenvalues.ts";
import { matrix, PLAIN_PRODUCTS, type Products } from "../src/metrics/linalg/matrix.ts";
import { openProducts } from "../src/metrics/linalg/products.node.ts";
import { frechetDistance } from "../src/metrics/scores/frechet.ts";
import { inceptionScore } from "../src/metrics/scores/inception-score.ts";
import { assign, miniBatchKMeans } from "../src/metrics/scores/k-means.ts";
import { averagedKernelDistance, drawDistinct } from "../src/metrics/scores/kid.ts";
import { manifoldScores } from "../src/metrics/scores/manifold.ts";
import { msSsimDiversity, msSsimOfPair } from "../src/metrics/scores/ms-ssim.ts";
import { largestF, prdCurve, prdOfFeatures } from "../src/metrics/scores/prd.ts";
import { expectClose } from "./support/close.ts";

const golden = JSON.parse(readFileSync(new URL("goldens/metrics.json", import.meta.url), "utf8"));
const D: number = golden.dimensions;
const set = (name: string): Float32Array => Float32Array.from(golden.sets[name]);
const random = () => randomStream(1, "test");

const runtime = openProducts(1);
afterAll(() => runtime.close());
const PRODUCTS: readonly (readonly [string, Products])[] = [
  ["plain JavaScript", PLAIN_PRODUCTS],
  ["ONNX Runtime", runtime],
];

/** Asserts equality to 1e-6 of the expected value, which is what the goldens are for. */
function expectRelative(actual: number, expected: number, name: string): void {
  expectClose([actual], [expected], { relative: 1e-6, name });
}

describe.each(PRODUCTS)("with products in %s", (_, products) => {
  it.each(Object.keys(golden.sets))("moments of the set %s", async (name) => {
    const { mean, covariance } = await momentsOf(set(name), D, products);
    expectClose(mean, golden.moments[name].mean, { relative: 1e-12, name: "mean" });
    expectClose(covariance.data, golden.moments[name].covariance, {
      relative: 1e-9,
      absolute: 1e-9,
      name: "covariance",
    });
  });

  it.each(Object.keys(golden.frechet))("Fréchet distance between the sets %s", async (pair) => {
    const [a, b] = pair.split(" ") as [string, string];
    const [x, y] = [await momentsOf(set(a), D, products), await momentsOf(set(b), D, products)];
    for (const distance of [await frechetDistance(x, y, products), await frechetDistance(y, x, products)])
      expectClose([distance], [golden.frechet[pair]], { relative: 1e-6, absolute: 1e-6, name: pair });
  });

  it.each(Object.keys(golden.sets))("Fréchet distance of the set %s from itself is 0", async (name) => {
    const moments = await momentsOf(set(name), D, products);
    expect(Math.abs(await frechetDistance(moments, moments, products))).toBeLessThan(1e-6);
  });

  it("the distance of many features tells how far it is, ever further", async () => {
    const [count, d] = [400, 200];
    const stream = randomStream(1, "progress");
    const some = () =>
      momentsOf(
        Float32Array.from({ length: count * d }, () => stream.normal()),
        d,
        products,
      );
    const shares: number[] = [];
    await frechetDistance(await some(), await some(), products, (share) => shares.push(share));
    expect(shares.length).toBeGreaterThan(6);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1);
  });

  it("eigenvalues of a matrix of several panels", async () => {
    const n: number = golden.eigenvalues.size;
    const m = matrix(n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        m.data[i * n + j] = (((i * 37 + j * 101) % 97) + ((j * 37 + i * 101) % 97)) / 97;
    expectClose(await symmetricEigenvalues(m, products), golden.eigenvalues.values, {
      relative: 1e-12,
      name: "eigenvalues",
    });
  });

  it("KID of whole sets and of blocks", async () => {
    const shifted = (name: string) =>
      Float32Array.from(golden.sets[name], (value: number) => value - golden.kid.offset).map(
        (value) => Math.round(value * 1000) / 1000,
      );
    const [x, y] = [shifted("a"), shifted("b")];
    const whole = await averagedKernelDistance(x, y, D, { kind: "blocks", size: 1024 }, products, random());
    expectRelative(whole.mean, golden.kid.whole, "whole");
    expect([whole.parts, whole.deviation]).toEqual([1, Number.NaN]);
    const { size, mean, deviation } = golden.kid.blocks;
    const blocks = await averagedKernelDistance(x, y, D, { kind: "blocks", size }, products, random());
    expectRelative(blocks.mean, mean, "blocks");
    expectRelative(blocks.deviation, deviation, "deviation");
  });

  it("precision, recall, density, coverage", async () => {
    const { generated, ...expected } = golden.manifold;
    const scores = await manifoldScores(set("a"), Float32Array.from(generated), D, products);
    for (const [name, value] of Object.entries(expected))
      expectRelative(scores[name as keyof typeof scores], value as number, name);
  });
});

it("Inception Score over all samples and in parts", () => {
  const { logits, classes, whole, splits } = golden.inceptionScore;
  const values = Float32Array.from(logits);
  expectRelative(inceptionScore(values, classes, 1).mean, whole, "whole");
  const parts = inceptionScore(values, classes, splits.parts);
  expectRelative(parts.mean, splits.mean, "mean of parts");
  expectRelative(parts.deviation, splits.deviation, "deviation of parts");
});

describe("PRD", () => {
  const { generated, reference, precision, recall, f8, fEighth } = golden.prd;
  const curve = prdCurve(Float64Array.from(generated), Float64Array.from(reference));
  it("curve and summary of two histograms", () => {
    const tenth = (values: Float64Array) => [...values].filter((_, i) => i % 100 === 0);
    expectClose(tenth(curve.precision), precision, { relative: 1e-6, name: "precision" });
    expectClose(tenth(curve.recall), recall, { relative: 1e-6, name: "recall" });
    expectRelative(largestF(curve, 8), f8, "F8");
    expectRelative(largestF(curve, 1 / 8), fEighth, "F1/8");
  });

  it("is 1 for a set and itself, and near 0 for sets that are far apart", async () => {
    const features = set("a");
    const same = await prdOfFeatures(features, features, D, PLAIN_PRODUCTS, random());
    expectClose([largestF(same, 8), largestF(same, 1 / 8)], [1, 1], { relative: 1e-6, name: "itself" });
    const apart = await prdOfFeatures(
      features.map((value) => value + 1000),
      features,
      D,
      PLAIN_PRODUCTS,
      random(),
    );
    expect(Math.max(largestF(apart, 8), largestF(apart, 1 / 8))).toBeLessThan(1e-6);
  });

  it("clusters as well as a full k-means does", async () => {
    const { points, dimensions, clusters, inertia } = golden.kMeans;
    const all = matrix(points.length / dimensions, dimensions, Float64Array.from(points));
    const centers = await miniBatchKMeans(all, clusters, PLAIN_PRODUCTS, random());
    const found = (await assign(all, centers, PLAIN_PRODUCTS)).inertia;
    expect(found).toBeGreaterThanOrEqual(inertia * (1 - 1e-6));
    expect(found).toBeLessThan(inertia * 1.1);
  });
});

describe.each(
  golden.msSsim as { side: number; images: number[]; pairs: Record<string, number>; mean: number }[],
)("MS-SSIM at side $side", ({ side, images, pairs, mean }) => {
  const all = { pixels: Uint8Array.from(images), count: 3, side };
  it.each(Object.keys(pairs))("of the pair %s", (pair) => {
    const [a, b] = pair.split(" ").map(Number) as [number, number];
    expectClose([msSsimOfPair(all, a, b)], [pairs[pair]!], { relative: 1e-6, absolute: 1e-9, name: pair });
  });
  it("of all pairs", async () => {
    expectRelative(await msSsimDiversity(all), mean, "mean");
  });
  it("of an image and itself is 1", () => {
    expectRelative(msSsimOfPair(all, 1, 1), 1, "itself");
  });
});

describe("resizing", () => {
  it("TensorFlow 1's bilinear of [0, 1] to 4 is [0, 0.5, 1, 1], PyTorch's is [0, 0.25, 0.75, 1]", () => {
    // Columns 0 and 1, the same in both rows and all channels.
    const image = Uint8Array.of(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1);
    const firstRow = (name: ResizeName) => [0, 1, 2, 3].map((x) => resizeImages(image, 1, 2, 4, name)[x * 3]);
    expect(firstRow("tf1-bilinear")).toEqual([0, 0.5, 1, 1]);
    expect(firstRow("half-pixel-bilinear")).toEqual([0, 0.25, 0.75, 1]);
  });

  const cases = golden.resize as ({ from: number; to: number; image: number[] } & Record<
    ResizeName,
    number[]
  >)[];
  for (const { from, to, image, ...expected } of cases)
    for (const name of ["pil-bicubic", "half-pixel-bilinear", "tf1-bilinear"] as const)
      it(`${name} from ${from} to ${to}`, () => {
        const two = Float32Array.from([...image, ...image]);
        const made = resizeImages(two, 2, from, to, name);
        const expectedTwo = [...expected[name], ...expected[name]];
        expectClose(made, expectedTwo, { relative: 0, absolute: 2e-4, name });
      });
});

it("subsets are drawn without repetition", () => {
  const drawn = drawDistinct(50, 50, random());
  expect([...drawn].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(new Set(drawDistinct(1000, 100, random())).size).toBe(100);
});

describe("too little, or nothing that varies", () => {
  it("fewer than three images are refused", async () => {
    await expect(momentsOf(new Float32Array(D), D, PLAIN_PRODUCTS)).rejects.toThrow(/One image is too few/);
    await expect(momentsOf(new Float32Array(2 * D), D, PLAIN_PRODUCTS)).rejects.toThrow(
      /Two images are too few/,
    );
    await expect(momentsOf(new Float32Array(0), D, PLAIN_PRODUCTS)).rejects.toThrow(/No images are too few/);
    const alone = { pixels: new Uint8Array(3), count: 1, side: 1 };
    await expect(msSsimDiversity(alone)).rejects.toThrow(/one image/);
  });

  it("fewer images than neighbors or clusters are refused", async () => {
    const five = set("a").subarray(0, 5 * D);
    await expect(manifoldScores(set("a"), five, D, PLAIN_PRODUCTS)).rejects.toThrow(/of 60 and 5 images/);
    await expect(prdOfFeatures(five, set("a"), D, PLAIN_PRODUCTS, random())).rejects.toThrow(
      /PRD of 5 images/,
    );
  });

  it("identical images are their own manifold", async () => {
    const same = set("identical");
    expect(await manifoldScores(same, same, D, PLAIN_PRODUCTS)).toEqual({
      precision: 1,
      recall: 1,
      density: 20 / 5,
      coverage: 1,
    });
  });
});
