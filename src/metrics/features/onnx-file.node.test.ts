/** Any ONNX file as a feature network: what fits, and what is refused and why. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { TINY_FEATURES, tinyFeatures } from "../../../test/support/tiny-features.ts";
import { randomStream } from "../../base/random.ts";
import { cast, constant, input, matmul, mean, reshape } from "../../graph/index.ts";
import { lowerGraph } from "../../graph/lower.ts";
import { writeModel } from "../../graph/onnx/model.ts";
import { openFeatures } from "./registry.node.ts";

const folder = mkdtempSync(join(tmpdir(), "quarterturn-features-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Mean red, green and blue of images uint8 [4, 3, 5, 5]. */
function meanColors(): Uint8Array {
  const images = input("images", [4, 3, 5, 5], "uint8");
  return writeModel(
    lowerGraph(
      "colors",
      { inputs: { images }, outputs: { colors: mean(cast(images, "float32"), [2, 3]) } },
      "standard",
    ),
  );
}

describe("a file that fits", () => {
  it("gives features and logits of any number of images, whatever batch it was made for", async () => {
    const path = file("tiny.onnx", tinyFeatures({ batch: 8, side: 16 }));
    const network = await openFeatures(path);
    const { name, size, dimensions, classes } = network;
    expect({ name, size, dimensions, classes }).toEqual({
      name: "tiny.onnx",
      size: 16,
      dimensions: TINY_FEATURES,
      classes: 10,
    });
    expect(network.hash).toMatch(/^[0-9a-f]{64}$/);
    const stream = randomStream(1, "images");
    const images = Uint8Array.from({ length: 11 * 16 * 16 * 3 }, () => stream.integer(256));
    const all = await network.extract(images, 11, 16);
    expect([all.features.length, all.logits?.length]).toEqual([11 * TINY_FEATURES, 11 * 10]);
    const last = await network.extract(images.subarray(10 * 16 * 16 * 3), 1, 16);
    expect([...all.features.subarray(10 * TINY_FEATURES)]).toEqual([...last.features]);
    await expect(network.extract(images, 1, 17)).rejects.toThrow(/16×16, not of 17×17/);
    await network.close();
  });

  it("gets RGB planes, and bytes that are rounded", async () => {
    const network = await openFeatures(file("colors.onnx", meanColors()));
    expect(network.classes).toBeUndefined();
    const images = Float32Array.from(
      { length: 2 * 75 },
      (_, i) =>
        [
          [10.4, 20.6, 300],
          [1, 2, -3],
        ][i < 75 ? 0 : 1]![i % 3]!,
    );
    const { features, logits } = await network.extract(images, 2, 5);
    expect([...features]).toEqual([10, 21, 255, 1, 2, 0]);
    expect(logits).toBeUndefined();
    await network.close();
  });
});

describe("what is refused", () => {
  const images = input("images", [2, 3, 8, 8]);
  const flat = input("latents", [2, 16]);
  it.each([
    ["maps.onnx", { images }, { maps: images }, /does not give vectors.*\[2, 3, 8, 8\] for 2 images/],
    ["one.onnx", { images }, { one: reshape(images, [6 * 64]) }, /does not give vectors/],
    [
      "numbers.onnx",
      { flat },
      { y: matmul(flat, constant(new Float32Array(32), [16, 2])) },
      /does not take images: its inputs are flat float32 \[2, 16\]/,
    ],
    ["two.onnx", { images, flat }, { y: mean(images, [2, 3]), z: flat }, /does not take images/],
  ])("%s", async (name, inputs, outputs, message) => {
    const model = lowerGraph("model", { inputs, outputs }, "standard");
    await expect(openFeatures(file(name, writeModel(model)))).rejects.toThrow(message);
  });

  it("a file that is no model, none at all, and an unknown name", async () => {
    await expect(openFeatures(file("text.onnx", new TextEncoder().encode("no model")))).rejects.toThrow(
      /is not a model that can be run/,
    );
    await expect(openFeatures(join(folder, "nothing.onnx"))).rejects.toThrow(/There is no file/);
    await expect(openFeatures("inceptoin-of-nobody")).rejects.toThrow(/Unknown feature network/);
  });
});
