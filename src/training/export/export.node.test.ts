/**
 * Files that differ from what was trained are not kept: the discriminator and the weights (the
 * generator: ../export.node.test.ts).
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { decodeSafetensors, type NamedTensor } from "../safetensors.ts";
import { exportSource } from "../testing/export-source.ts";
import { describeOutputs, writeDiscriminator } from "./discriminator.node.ts";
import type { GeneratorSource } from "./generator.node.ts";
import { withoutPlace } from "./metadata.node.ts";
import { exportableWeights, writeWeights } from "./weights.node.ts";

let engine: Engine;
let root: string;
let source: GeneratorSource;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-exports-"));
  await mkdir(join(root, "d"));
  ({ engine, source } = await exportSource("cifar10:/home/somebody/private/cifar"));
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true, force: true });
});

it("a discriminator is checked output by output, and says what it is and not where the images lay", async () => {
  const path = join(root, "d", "discriminator.onnx");
  const { comparison, bytes } = await writeDiscriminator(engine, source, path, "cats", true);
  expect(comparison.images).toBe(64);
  expect(comparison.outputs).toEqual(expect.arrayContaining(["score", "rotation", "block1", "pooled"]));
  expect(comparison.largest).toBeLessThan(1e-4);
  const text = await readFile(path, "latin1");
  expect(text).toHaveLength(bytes);
  for (const part of ["rotationDirection", "anticlockwise", "block1_map", '"source":"cifar10:cifar"'])
    expect(text).toContain(part);
  expect(text).not.toContain("/home/somebody");
});

it("one that says something else is not kept, and the one before stays", async () => {
  const path = join(root, "d", "other.onnx");
  await writeFile(path, "the one before");
  // Not by a factor: spectral normalization would take it out again.
  const changed: Engine = {
    ...engine,
    readState: async (names) =>
      Object.fromEntries(
        Object.entries(await engine.readState(names)).map(([name, values]) => [
          name,
          name === "discriminator/parameters" ? values.map((value, i) => value + 0.01 * (i % 5)) : values,
        ]),
      ),
  };
  await expect(writeDiscriminator(changed, source, path, "x")).rejects.toThrow(
    /differs from the one that was trained: \d outputs for 64 images within .* It was not kept/,
  );
  expect(await readFile(path, "utf8")).toBe("the one before");
  expect((await readdir(join(root, "d"))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

it("weights: averages only where there are any, standing statistics by name, no numbers that are none", async () => {
  const weights = new Map<string, NamedTensor>([
    ["generator/a", { shape: [2], data: Float32Array.of(1, 2) }],
    ["ema/generator/a", { shape: [2], data: Float32Array.of(3, 4) }],
  ]);
  const standing = {
    buffers: [{ name: "generator/n/mean", shape: [1, 2], offset: 1 }],
    values: Float32Array.of(9, 5, 6),
  };
  expect([...exportableWeights(weights, false, undefined).keys()]).toEqual(["generator/a"]);
  const path = join(root, "w.safetensors");
  await writeWeights(path, exportableWeights(weights, true, standing), { step: "7" });
  const { tensors, metadata } = decodeSafetensors(new Uint8Array(await readFile(path)), path);
  expect(tensors.get("standing/generator/n/mean")).toEqual({ shape: [1, 2], data: Float32Array.of(5, 6) });
  expect(tensors.get("ema/generator/a")?.data).toEqual(Float32Array.of(3, 4));
  expect(metadata).toMatchObject({ format: "quarterturn-weights", layout: "OIHW", step: "7" });
  const before = await readFile(path);
  weights.set("generator/b", { shape: [1], data: Float32Array.of(Number.NaN) });
  await expect(writeWeights(path, weights, {})).rejects.toThrow(/generator\/b holds numbers that are NaN/);
  expect((await readFile(path)).equals(before)).toBe(true);
});

it("places on a disk are left out of names, kinds of data are kept", () => {
  expect(withoutPlace(null)).toBeNull();
  expect(withoutPlace("/home/me/cats")).toBe("cats");
  expect(withoutPlace("cifar10:/data/cifar-10-batches-bin")).toBe("cifar10:cifar-10-batches-bin");
  expect(describeOutputs({ images: 64, outputs: ["a", "b"], largest: 2.34e-6 })).toBe(
    "2 outputs for 64 images within 0.0002 % of the trainer's",
  );
});
