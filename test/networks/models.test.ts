/**
 * The networks against the reference: names, shapes at every resolution, widths, norms, ranges of
 * the images.
 */
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import { STANDARD_TARGET, sizeOf, type Tensor } from "../../src/graph/index.ts";
import { evaluate, type Values } from "../../src/graph/testing/evaluate.ts";
import type { GeneratorArchitecture, GeneratorNorm } from "../../src/models/model.ts";
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../../src/models/registry.ts";
import type { NetworkTrace } from "../../src/nn/scope.ts";
import { namesOf, traceDiscriminator, traceGenerator } from "../support/networks.ts";

const NAMES = Object.keys(GENERATORS) as GeneratorName[];
const SIZES = NAMES.flatMap((name) => GENERATORS[name].resolutions.map((side) => [name, side] as const));

/** Fresh values for everything a network owns. */
function initial({ parameters, buffers }: NetworkTrace): [Tensor, Values][] {
  const random = randomStream(1, "models");
  return [...parameters, ...buffers].map(({ leaf, shape, initialize }) => [leaf, initialize(shape, random)]);
}

describe("tables", () => {
  const shapes = (tensors: readonly Tensor[]): string[] =>
    tensors.map(({ shape }) => shape.slice(1).join(" × "));

  it("resnet5 looks at 128 × 128 down to 2 × 2, and at smaller images until one pixel is left", () => {
    expect(shapes(traceDiscriminator("resnet5", 128).blocks)).toEqual([
      "64 × 64 × 64",
      "128 × 32 × 32",
      "256 × 16 × 16",
      "256 × 8 × 8",
      "512 × 4 × 4",
      "512 × 2 × 2",
    ]);
    expect(shapes(traceDiscriminator("resnet5", 16).blocks)).toEqual([
      "64 × 8 × 8",
      "128 × 4 × 4",
      "256 × 2 × 2",
      "256 × 1 × 1",
      "512 × 1 × 1",
      "512 × 1 × 1",
    ]);
  });

  it("resnet-stl ends at 3 × 3, sngan-resnet at 64 × 64 at 2 × 2", () => {
    expect(shapes(traceDiscriminator("resnet-stl", 48).blocks).at(-1)).toBe("1024 × 3 × 3");
    expect(shapes(traceDiscriminator("sngan-resnet", 64).blocks).at(-1)).toBe("1024 × 2 × 2");
  });

  it("sndcgan halves the map in every second layer, dcgan in every one", () => {
    expect(shapes(traceDiscriminator("sndcgan", 32).blocks)).toEqual([
      "64 × 32 × 32",
      "128 × 16 × 16",
      "128 × 16 × 16",
      "256 × 8 × 8",
      "256 × 8 × 8",
      "512 × 4 × 4",
      "512 × 4 × 4",
    ]);
    expect(shapes(traceDiscriminator("dcgan", 48).blocks)).toEqual([
      "64 × 24 × 24",
      "128 × 12 × 12",
      "256 × 6 × 6",
      "512 × 3 × 3",
    ]);
  });

  it("a generator for 64 × 64 that is a thirty-second as wide paints from no fewer than 16 channels", () => {
    const { parameters } = traceGenerator("sngan-resnet", 64, { width: 32 }).trace;
    const of = (name: string) => parameters.find((own) => own.name === `generator/${name}/kernel`)!.shape;
    expect(["block1/conv2", "block2/conv2", "block4/conv2", "finalConv"].map(of)).toEqual([
      [16, 16, 3, 3],
      [16, 16, 3, 3],
      [16, 16, 3, 3],
      [3, 16, 3, 3],
    ]);
  });

  it.each(SIZES)("%s at %d: images, logits and blocks of the right shapes", (name, resolution) => {
    const [g, d] = [GENERATORS[name].widthStep(resolution), DISCRIMINATORS[name].widthStep(resolution)];
    expect(traceGenerator(name, resolution, { width: g }, { batch: 3 }).images.shape).toEqual([
      3,
      3,
      resolution,
      resolution,
    ]);
    const traced = traceDiscriminator(name, resolution, { width: d }, { batch: 5 }, { classes: 7 });
    expect([traced.real.shape, traced.turns?.shape, traced.projection?.shape]).toEqual([
      [5, 1],
      [5, 4],
      [5, 1],
    ]);
    for (const { shape } of traced.blocks) expect([shape.length, shape[0]]).toEqual([4, 5]);
    expect(traced.pooled.shape[0]).toBe(5);
  });

  it.each(SIZES)(
    "%s at %d: other widths scale every map, down to the fewest channels, fractions of a channel are refused",
    (name, resolution) => {
      for (const [architectures, trace] of [
        [GENERATORS, traceGenerator],
        [DISCRIMINATORS, traceDiscriminator],
      ] as const) {
        const [full, step] = [
          architectures[name].fullWidth(resolution),
          architectures[name].widthStep(resolution),
        ];
        expect(full % step).toBe(0);
        // Kernels of transposed convolutions have the channels they give behind those they take.
        const channels = (width: number) =>
          trace(name, resolution, { width }).trace.parameters.flatMap(({ name: own, shape }) =>
            /(block|conv)\d.*kernel$/.test(own) ? [shape[own.includes("deconv") ? 1 : 0]!] : [],
          );
        // Inside its blocks a network of inverted bottlenecks is a multiple of the block's map, and a layer with a gate gives twice its channels.
        const doubled = (own: string): boolean =>
          name === "r3gan" ? /conv1|grouped/.test(own) : name === "fastgan" && /^generator.*conv/.test(own);
        const multiples = trace(name, resolution, {}).trace.parameters.flatMap(({ name: own }) =>
          /(block|conv)\d.*kernel$/.test(own) ? [doubled(own) ? 2 : 1] : [],
        );
        const published = channels(full);
        for (const width of new Set([step, 2 * step, full / 2, 2 * full])) {
          const floor = Math.min(16, width);
          expect(channels(width)).toEqual(
            // Three channels of an image are not a map.
            published.map((c, i) =>
              c === 3 ? 3 : Math.max((c * width) / full, multiples[i]! * Math.min(floor, c / multiples[i]!)),
            ),
          );
        }
        if (step > 1) {
          const odd = full / 2 + 1;
          expect(architectures[name].widthFits(resolution, odd)).toBe(false);
          expect(() => trace(name, resolution, { width: odd })).toThrow(/cannot be scaled/);
        }
      }
    },
  );
});

describe.each(NAMES)("%s", (name) => {
  const resolution = GENERATORS[name].resolutions.find((side) => side >= 16)!;
  const [g, d] = [2 * GENERATORS[name].widthStep(resolution), 4 * DISCRIMINATORS[name].widthStep(resolution)];

  it("owns the same under the same names for training and inference, whatever the norm", () => {
    const listed = ({ parameters, buffers }: NetworkTrace) =>
      [...parameters, ...buffers].map((owned) => `${owned.name} ${owned.shape}`);
    for (const norm of ["batch", "self-modulated", "conditional", "none"] as const) {
      const of = (training: boolean) =>
        listed(traceGenerator(name, resolution, { width: g, norm }, { training, classes: 3 }).trace);
      expect(new Set(of(true)).size).toBe(of(true).length);
      expect(of(false)).toEqual(of(true));
    }
    for (const norm of ["none", "layer"] as const) {
      const of = (training: boolean) =>
        listed(traceDiscriminator(name, resolution, { width: d, norm }, { training }).trace);
      expect(new Set(of(true)).size).toBe(of(true).length);
      expect(of(false)).toEqual(of(true));
    }
  });

  it("normalizes every kernel of the discriminator, those of the heads included", () => {
    const { trace } = traceDiscriminator(name, resolution, { width: d }, {}, { classes: 3 });
    const kernels = namesOf(trace.parameters).filter((own) => own.endsWith("/kernel"));
    expect(namesOf(trace.buffers).sort()).toEqual(kernels.map((own) => own.replace(/kernel$/, "u")).sort());
  });

  it("makes images in the range its discriminator takes, and fills it", async () => {
    const { imageRange, beyondRange }: GeneratorArchitecture = GENERATORS[name];
    expect(DISCRIMINATORS[name].imageRange).toBe(imageRange);
    const { trace, z, images } = traceGenerator(name, resolution, { width: g }, { batch: 16 });
    const random = randomStream(2, "models");
    const values = new Map<Tensor, Values>(initial(trace));
    // Far outside what training feeds, so that the last activation is driven to both its ends.
    values.set(
      z,
      Float32Array.from({ length: sizeOf(z.shape) }, () => random.normal()),
    );
    const last = trace.parameters.findLast(({ name: own }) => own.endsWith("/kernel"))!;
    values.set(
      last.leaf,
      Float32Array.from({ length: sizeOf(last.shape) }, () => 9 * random.normal()),
    );
    const result = (await evaluate({ images }, values, STANDARD_TARGET)).images as Float32Array;
    const [low, high] = imageRange === "unit" ? [0, 1] : [-1, 1];
    const [min, max] = [result.reduce((a, b) => Math.min(a, b)), result.reduce((a, b) => Math.max(a, b))];
    // Where there is no last activation, images are clipped when they are written.
    if (beyondRange) {
      expect([min < low, max > high]).toEqual([true, true]);
      return;
    }
    // ONNX Runtime's tanh may end a rounding beyond 1.
    expect([min >= low - 1e-6, max <= high + 1e-6]).toEqual([true, true]);
    expect(min).toBeCloseTo(low, 2);
    expect(max).toBeCloseTo(high, 2);
  });

  it.each(["none", "layer"] as const)("judges every image on its own (norm %s)", async (norm) => {
    const random = randomStream(3, "models");
    const numbers = 3 * resolution ** 2;
    const pixels = Float32Array.from({ length: 3 * numbers }, () => random.uniform());
    const logits = async (batch: number, data: Float32Array): Promise<Float32Array> => {
      const { trace, images, real } = traceDiscriminator(name, resolution, { width: d, norm }, { batch });
      const values = new Map<Tensor, Values>([...initial(trace), [images, data]]);
      return (await evaluate({ real }, values, STANDARD_TARGET)).real as Float32Array;
    };
    const together = await logits(3, pixels);
    const scale = Math.max(...together.map(Math.abs));
    for (let i = 0; i < 3; i++) {
      const alone = await logits(1, pixels.slice(i * numbers, (i + 1) * numbers));
      expect(Math.abs(alone[0]! - together[i]!)).toBeLessThan(1e-4 * scale);
    }
    expect(new Set(together.map((v) => Math.round((v / scale) * 1e6))).size).toBe(3);
  });
});

describe("norms of generators", () => {
  it("of a hierarchical latent vector the seed and each block see a chunk, the last norm all of it", () => {
    const options = { width: 8, norm: "self-modulated", hierarchicalLatent: true } as const;
    const { trace } = traceGenerator("resnet-cifar", 32, options);
    const seen = new Map(
      trace.parameters.flatMap(({ name, shape }) =>
        /hidden\/kernel|fcNoise\/kernel/.test(name) ? [[name.slice("generator/".length), shape[1]]] : [],
      ),
    );
    expect(Object.fromEntries(seen)).toEqual({
      "fcNoise/kernel": 30,
      "block1/norm1/hidden/kernel": 30,
      "block1/norm2/hidden/kernel": 30,
      "block2/norm1/hidden/kernel": 30,
      "block2/norm2/hidden/kernel": 30,
      "block3/norm1/hidden/kernel": 30,
      "block3/norm2/hidden/kernel": 30,
      "finalNorm/hidden/kernel": 120,
    });
  });

  it("a conditional norm sees the chunk beside the classes, the last one the classes alone", () => {
    const options = { width: 8, norm: "conditional", hierarchicalLatent: true } as const;
    const { trace } = traceGenerator("resnet-cifar", 32, options, { classes: 5 });
    const of = (name: string) =>
      trace.parameters.find((p) => p.name === `generator/${name}/gamma/kernel`)!.shape;
    expect([of("block1/norm1"), of("finalNorm")]).toEqual([
      [8, 30 + 5],
      [8, 5],
    ]);
  });

  it("the last norm of a conditional sngan-resnet is a plain one, as in mimicry", () => {
    const { trace } = traceGenerator("sngan-resnet", 32, { width: 8, norm: "conditional" }, { classes: 5 });
    expect(namesOf(trace.parameters)).toContain("generator/finalNorm/gamma");
    expect(namesOf(trace.parameters)).toContain("generator/block1/norm1/gamma/kernel");
  });

  it("sndcgan's first batch norm has every number of the seed for a channel, the others the map's channels", () => {
    const channels = (norm: GeneratorNorm) => {
      const { trace } = traceGenerator("sndcgan", 32, { width: 48, norm }, { classes: 5 });
      return trace.buffers.filter(({ name }) => name.endsWith("/mean")).map(({ shape }) => shape[0]);
    };
    expect(channels("batch")).toEqual([48 * 4 * 4, 24, 16, 16]);
    expect(channels("self-modulated")).toEqual([48, 24, 16, 16]);
    expect(channels("conditional")).toEqual([48, 24, 16, 16]);
    expect(channels("none")).toEqual([]);
  });

  it("spectral normalization reaches the kernels of the norms, and in resnet5 not the ends", () => {
    const normalized = (name: GeneratorName) =>
      namesOf(
        traceGenerator(name, 32, { width: 8, norm: "self-modulated", spectralNorm: true }).trace.buffers,
      ).filter((own) => own.endsWith("/u"));
    expect(normalized("resnet-cifar")).toContain("generator/block1/norm1/hidden/u");
    expect(normalized("resnet-cifar")).toContain("generator/fcNoise/u");
    expect(normalized("resnet5")).toContain("generator/block1/norm1/gamma/u");
    expect(normalized("resnet5").filter((own) => /fcNoise|finalConv/.test(own))).toEqual([]);
  });
});

describe("layer norm in discriminators", () => {
  const norms = (name: GeneratorName, resolution: number) =>
    namesOf(traceDiscriminator(name, resolution, { norm: "layer" }).trace.parameters)
      .filter((own) => own.endsWith("/gamma"))
      .map((own) => own.split("/").slice(1, -1).join("/"));

  it("stands before every ReLU of a block", () => {
    expect(norms("resnet-cifar", 16)).toEqual(
      [1, 2, 3].flatMap((i) => [`block${i}/norm1`, `block${i}/norm2`]),
    );
    // No ReLU, no norm, before the first convolution.
    expect(norms("sngan-resnet", 16)[0]).toBe("block1/norm2");
  });

  it("stands behind every convolution but the first", () => {
    expect(norms("dcgan", 16)).toEqual(["norm2", "norm3", "norm4"]);
    expect(norms("sndcgan", 16)).toEqual([2, 3, 4, 5, 6, 7].map((i) => `norm${i}`));
  });
});
