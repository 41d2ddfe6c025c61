/** The networks against the reference: parameter counts at full width, shapes at every resolution, ranges of the images. */
import { describe, expect, it } from "vitest";
import { randomStream } from "../src/base/random.ts";
import { input, STANDARD_TARGET, sizeOf, type Tensor } from "../src/graph/index.ts";
import { evaluate, type Values } from "../src/graph/testing/evaluate.ts";
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../src/models/registry.ts";
import { type NetworkTrace, type Owned, traceNetwork } from "../src/nn/scope.ts";
import { generate, judge } from "../src/objectives/networks.ts";
import { paperSettings } from "../src/objectives/paper-settings.ts";
import type { StepSettings } from "../src/objectives/settings.ts";

const FORMS = ["resnet-cifar", "sngan-resnet"] as const satisfies readonly GeneratorName[];
const RESOLUTIONS = [16, 32, 64, 128] as const;

interface Size {
  readonly resolution?: number;
  readonly generator?: number;
  readonly discriminator?: number;
}
const settings = (architecture: (typeof FORMS)[number], size: Size): StepSettings =>
  paperSettings({
    data: { resolution: size.resolution ?? 32 },
    generator: { architecture, width: size.generator ?? 256 },
    discriminator: { architecture, width: size.discriminator ?? 128 },
  });

const count = (owned: readonly Owned[]): number => owned.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

function traceGenerator(config: StepSettings, batch = 2, training = true) {
  const trace = traceNetwork("generator", training);
  const z = input("z", [batch, config.generator.latentSize]);
  return { trace, z, images: generate(trace.scope, { z, classes: undefined }, config) };
}
function traceDiscriminator(config: StepSettings, batch = 2, training = true) {
  const trace = traceNetwork("discriminator", training);
  const images = input("images", [batch, 3, config.data.resolution, config.data.resolution]);
  return { trace, images, ...judge(trace.scope, [images], config) };
}

/** Fresh values for everything a network owns. */
function initial({ parameters, buffers }: NetworkTrace): [Tensor, Values][] {
  const random = randomStream(1, "models");
  return [...parameters, ...buffers].map(({ leaf, shape, initialise }) => [leaf, initialise(shape, random)]);
}

describe("parameter counts at 32 × 32 and full width", () => {
  it.each([
    ["resnet-cifar", 5_849_603, 1_483_653],
    ["sngan-resnet", 4_276_739, 1_054_341],
  ] as const)("%s: G 256 has %d, D 128 with rotation head %d", (architecture, ofG, ofD) => {
    const config = settings(architecture, {});
    expect(count(traceGenerator(config).trace.parameters)).toBe(ofG);
    expect(count(traceDiscriminator(config).trace.parameters)).toBe(ofD);
  });

  it("without norm, and without rotation head, the reference's other totals", () => {
    const config = settings("resnet-cifar", {});
    const bare = traceGenerator({ ...config, generator: { ...config.generator, norm: "none" } });
    expect(count(bare.trace.parameters)).toBe(5_846_019);
    expect(bare.trace.buffers).toEqual([]);
    const objective = { ...config.objective, selfSupervision: "none" as const };
    const plain = traceDiscriminator({ ...config, objective });
    expect(count(plain.trace.parameters)).toBe(1_483_137);
    expect(plain.rotation).toBeUndefined();
  });

  it("of single layers are the reference's", () => {
    const { trace } = traceGenerator(settings("resnet-cifar", {}));
    const below = (path: string) =>
      count(trace.parameters.filter(({ name }) => name.startsWith(`generator/${path}/`)));
    expect(below("fcNoise")).toBe(528_384);
    // Each block with its two norms: 1,770,240 in the reference's table without them.
    for (const block of ["block1", "block2", "block3"]) expect(below(block)).toBe(1_770_240 + 2 * 2 * 256);
    expect(below("finalConv")).toBe(6_915);
  });
});

describe.each(FORMS)("%s", (architecture) => {
  it.each(RESOLUTIONS)("has images and logits of the right shapes at %d", (resolution) => {
    const config = settings(architecture, { resolution, generator: 16, discriminator: 16 });
    expect(traceGenerator(config, 3).images.shape).toEqual([3, 3, resolution, resolution]);
    const { real, rotation } = traceDiscriminator(config, 5);
    expect([real.shape, rotation?.shape]).toEqual([
      [5, 1],
      [5, 4],
    ]);
  });

  it("has one block more for every doubling, and D looks at 8 × 8 in the end", () => {
    const blocks = (trace: NetworkTrace) =>
      new Set(trace.parameters.flatMap(({ name }) => /block\d+/.exec(name)?.[0] ?? [])).size;
    for (const [i, resolution] of RESOLUTIONS.entries()) {
      const config = settings(architecture, { resolution, generator: 8, discriminator: 8 });
      expect(blocks(traceGenerator(config).trace)).toBe(2 + i);
      expect(blocks(traceDiscriminator(config).trace)).toBe(3 + i);
    }
  });

  it("uses names once, and the same networks for training and inference", () => {
    const config = settings(architecture, { generator: 8, discriminator: 8 });
    for (const trace of [traceGenerator, traceDiscriminator]) {
      const shapes = (training: boolean) => {
        const { parameters, buffers } = trace(config, 2, training).trace;
        return [...parameters, ...buffers].map(({ name, shape }) => `${name} ${shape}`);
      };
      expect(new Set(shapes(true)).size).toBe(shapes(true).length);
      expect(shapes(false)).toEqual(shapes(true));
    }
  });

  it("makes images in the range its discriminator takes, and fills it", async () => {
    const { imageRange } = GENERATORS[architecture];
    expect(DISCRIMINATORS[architecture].imageRange).toBe(imageRange);
    const config = settings(architecture, { resolution: 16, generator: 16 });
    const { trace, z, images } = traceGenerator(config, 16);
    const random = randomStream(2, "models");
    const values = new Map<Tensor, Values>(initial(trace));
    // Far outside what training feeds, so that the last activation is driven to both its ends.
    values.set(
      z,
      Float32Array.from({ length: 16 * 128 }, () => random.normal()),
    );
    for (const { name, leaf, shape } of trace.parameters)
      if (name.endsWith("finalConv/kernel"))
        values.set(
          leaf,
          Float32Array.from({ length: sizeOf(shape) }, () => 5 * random.normal()),
        );
    const result = (await evaluate({ images }, values, STANDARD_TARGET)).images as Float32Array;
    const [low, high] = imageRange === "unit" ? [0, 1] : [-1, 1];
    // ONNX Runtime's tanh may end a rounding beyond 1.
    const [least, most] = [Math.min(...result), Math.max(...result)];
    expect([least >= low - 1e-6, most <= high + 1e-6]).toEqual([true, true]);
    expect(least).toBeCloseTo(low, 2);
    expect(most).toBeCloseTo(high, 2);
  });

  it("judges every image on its own", async () => {
    const config = settings(architecture, { resolution: 16, discriminator: 8 });
    const random = randomStream(3, "models");
    const pixels = Float32Array.from({ length: 3 * 3 * 256 }, () => random.uniform());
    const logits = async (batch: number, data: Float32Array): Promise<Float32Array> => {
      const { trace, images, real } = traceDiscriminator(config, batch);
      const values = new Map<Tensor, Values>([...initial(trace), [images, data]]);
      return (await evaluate({ real }, values, STANDARD_TARGET)).real as Float32Array;
    };
    const together = await logits(3, pixels);
    for (let i = 0; i < 3; i++) {
      const alone = await logits(1, pixels.slice(i * 768, (i + 1) * 768));
      expect(alone[0]).toBeCloseTo(together[i]!, 5);
    }
    expect(new Set(together.map((v) => Math.round(v * 1e6))).size).toBe(3);
  });
});
