import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine, Executable } from "../../engine/engine.ts";
import { exportSource } from "../testing/export-source.ts";
import { describeComparison, type GeneratorSource, writeGenerator } from "./generator.node.ts";

let engine: Engine;
let root: string;
let source: GeneratorSource;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quarterturn-export-"));
  ({ engine, source } = await exportSource("/home/somebody/private/cats"));
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true, force: true });
});

it("writes a checked model that describes itself, and not where the images lay", async () => {
  const path = join(root, "made", "generator.onnx");
  const { bytes, comparison } = await writeGenerator(engine, source, path, "cats");
  expect(comparison).toMatchObject({ images: 64, values: 64 * 3 * 16 * 16 });
  expect(comparison.largest).toBeLessThanOrEqual(1);
  expect(await readdir(join(root, "made"))).toEqual(["generator.onnx"]);
  const text = await readFile(path, "latin1");
  expect(text.length).toBe(bytes);
  for (const part of ["latentSize", "N(0, 1)", "averaged", "quarterturnVersion", '"source":"cats"'])
    expect(text).toContain(part);
  expect(text).not.toContain("/home/somebody");
});

it("does not let a model stand that makes other images, and keeps the one before", async () => {
  const path = join(root, "other", "generator.onnx");
  const sampler: Executable = {
    ...source.sampler,
    run: async (feeds, alias) => {
      const { images } = await source.sampler.run(feeds, alias);
      return { images: (images as Uint8Array).map((v, i) => (i === 700 ? v ^ 16 : v)) };
    },
  };
  await expect(writeGenerator(engine, { ...source, sampler }, path, "x")).rejects.toThrow(
    /other images than the sampler: of 64 images, \d+ of 49,152 values differ/,
  );
  expect(await readdir(join(root, "other"))).toEqual([]);
  await writeFile(path, "the one before");
  await expect(writeGenerator(engine, { ...source, sampler }, path, "x")).rejects.toThrow();
  expect(await readFile(path, "utf8")).toBe("the one before");
});

it("says how much two programs differ", () => {
  const of = (different: number, largest: number) =>
    describeComparison({ images: 64, values: 3000, different, largest });
  expect(of(0, 0)).toBe("64 images equal the sampler's");
  expect(of(2, 1)).toBe("of 64 images, 2 of 3,000 values differ from the sampler's, by 1 gray level");
  expect(of(9, 4)).toMatch(/by up to 4 gray levels/);
});
