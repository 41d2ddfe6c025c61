/** Somebody else's models: run as any, and ended when they do not end. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { endlessModel, harmlessModel, largeModel } from "../testing/hostile-models.ts";
import { type ForeignOptions, openForeignModel } from "./foreign.node.ts";

let folder: string;
const path = (name: string): string => join(folder, `${name}.onnx`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quarterturn-foreign-"));
  writeFileSync(path("harmless"), harmlessModel());
  writeFileSync(path("endless"), endlessModel());
  writeFileSync(path("large"), largeModel(1.6e9));
  writeFileSync(path("broken"), harmlessModel().subarray(0, 60));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (name: string, options: Partial<ForeignOptions> = {}) =>
  openForeignModel(path(name), { threads: 1, fileBytes: 1000, ...options });
const images = (count: number) => ({
  images: { dtype: "float32" as const, shape: [count, 3, 4, 4], data: new Float32Array(count * 48).fill(2) },
});

it("a harmless one gives what it computes, run after run", async () => {
  const model = await open("harmless");
  try {
    expect(model.inputSignatures).toEqual([{ name: "images", dtype: "float32", shape: ["N", 3, "S", "S"] }]);
    for (const count of [1, 5]) {
      const { features } = await model.run(images(count));
      expect(features).toEqual({
        dtype: "float32",
        shape: [count, 3],
        data: new Float32Array(3 * count).fill(2),
      });
    }
  } finally {
    await model.close();
  }
});

it("answers all that is asked at once, each its own question", async () => {
  const model = await open("harmless");
  try {
    const counts = [3, 1, 4, 2];
    const answers = await Promise.all(counts.map((count) => model.run(images(count))));
    expect(answers.map(({ features }) => features!.shape)).toEqual(counts.map((count) => [count, 3]));
  } finally {
    await model.close();
  }
});

it("an endless one is ended after the time it has, and says so", async () => {
  // Long enough to load it on a busy machine; it never ends by itself.
  const model = await open("endless", { patience: 20_000 });
  const run = model.run(images(1));
  await expect(run).rejects.toBeInstanceOf(UserError);
  await expect(run).rejects.toThrow(/endless\.onnx was not done after 20 seconds of computing; it was ended/);
  await expect(model.run(images(1))).rejects.toThrow(/was not done/);
  await model.close();
});

it("an endless one ends at once when somebody aborts", async () => {
  const controller = new AbortController();
  const model = await open("endless", { signal: controller.signal });
  const run = model.run(images(1));
  controller.abort(new Error("enough"));
  await expect(run).rejects.toThrow("enough");
  await model.close();
});

it("one that takes too much memory is ended, and says so", async () => {
  const model = await open("large", { maxBytes: 1.5e9 });
  const run = model.run(images(1));
  await expect(run).rejects.toThrow(/large\.onnx takes more than 1\.5 GB of memory/);
  await model.close();
});

it("one that ONNX Runtime cannot load is refused, and leaves no process", async () => {
  await expect(open("broken")).rejects.toThrow(/broken\.onnx could not be loaded/);
});
