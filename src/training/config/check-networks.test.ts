import { describe, expect, it } from "vitest";
import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { DISCRIMINATORS, GENERATORS, type GeneratorName } from "../../models/registry.ts";
import { parseConfig } from "./check.ts";
import { RESOLUTIONS } from "./schema.ts";

const both = (architecture: string) => ({
  "generator.architecture": architecture,
  "discriminator.architecture": architecture,
});
const refusal = (values: Record<string, unknown>): UserError => {
  try {
    parseConfig(values);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(values)}`);
};

describe("architectures and sizes of images", () => {
  it.each(Object.keys(GENERATORS) as GeneratorName[])(
    "%s: as published where it is made for, else refused",
    (name) => {
      for (const resolution of RESOLUTIONS) {
        const values = { ...both(name), "data.resolution": resolution };
        if (!GENERATORS[name].resolutions.includes(resolution)) {
          const error = refusal(values);
          expect(error.message).toContain(`${name} is made for images of`);
          expect(error.message).toContain(`data.resolution is ${resolution}`);
          expect(error.written(asFlag).hint).toMatch(
            /--set data\.resolution=\d+, or an architecture for \d+ pixels/,
          );
          continue;
        }
        const { generator, discriminator } = parseConfig(values);
        expect([generator.width, discriminator.width]).toEqual([
          GENERATORS[name].fullWidth(resolution),
          DISCRIMINATORS[name].fullWidth(resolution),
        ]);
      }
    },
  );

  it("are told apart for the two networks", () => {
    const error = refusal({ "data.resolution": 48, "generator.architecture": "resnet-stl" });
    expect(error.message).toMatch(
      /discriminator\.architecture resnet-cifar is made for images of 16, 32, 64 or 128/,
    );
    expect(error.written(asFlag).hint).toContain("resnet-stl, sngan-resnet, zq-resnet, sndcgan or dcgan");
  });

  it("offer every size some architecture has, and nothing else", () => {
    expect(RESOLUTIONS).toEqual([4, 8, 16, 32, 48, 64, 128, 256]);
    expect(refusal({ "data.resolution": 96 }).message).toContain("4, 8, 16, 32, 48, 64, 128 or 256");
  });

  it("offer 256 pixels to FastGAN alone, and say so before anything is built", () => {
    const error = refusal({ "data.resolution": 256 });
    expect(error.message).toContain("resnet-cifar is made for images of");
    expect(error.written(asFlag).hint).toMatch(/resolution=128.*256 pixels in both networks: fastgan/);
  });
});

describe("widths", () => {
  it("that were given stay", () => {
    const { generator, discriminator } = parseConfig({ ...both("resnet5"), "generator.width": 64 });
    expect([generator.width, discriminator.width]).toEqual([64, 64]);
  });

  it.each([
    ["resnet5", 32, 101, 8, 104],
    ["resnet5", 32, 37, 8, 40],
    ["sngan-resnet", 64, 41, 16, 48],
    ["sngan-resnet", 64, 33, 16, 32],
    ["sndcgan", 64, 513, 8, 512],
  ])("%s at %d cannot be %d wide, only a multiple of %d", (name, resolution, width, step, suggested) => {
    const values = { ...both(name), "data.resolution": resolution, "generator.width": width };
    const error = refusal(values);
    expect(error.message).toContain(`needs a multiple of ${step}`);
    expect(error.written(asFlag).hint).toContain(`generator.width=${suggested}`);
    expect(() => parseConfig({ ...values, "generator.width": suggested })).not.toThrow();
  });
});

describe("narrow networks", () => {
  it.each([
    ["resnet5", 32, 4],
    ["resnet5", 32, 12],
    ["sngan-resnet", 64, 24],
    ["dcgan", 32, 7],
  ])("%s at %d may be %d wide: maps at the fewest channels have no fractions", (name, resolution, width) => {
    const values = { ...both(name), "data.resolution": resolution, "generator.width": width };
    expect(parseConfig(values).generator.width).toBe(width);
  });
});

describe("self-attention", () => {
  it("stands behind maps that a residual network has", () => {
    const at = (side: number) => ({ "generator.attention": side, "discriminator.attention": side });
    expect(parseConfig(at(16)).discriminator.attention).toBe(16);
    expect(parseConfig({}).generator.attention).toBe("none");
    const { message, hint } = refusal(at(64)).written(asFlag);
    expect(message).toContain("generator.attention is 64, but at 32 pixels");
    expect(message).toContain("maps of 8, 16 or 32 pixels");
    expect(hint).toContain("--set generator.attention=32, or none");
    expect(refusal({ "discriminator.attention": 4 }).message).toContain("maps of 8 or 16 pixels");
  });

  it("needs an even side, to be pooled", () => {
    const stl = { ...both("resnet-stl"), "data.resolution": 48 };
    expect(refusal({ ...stl, "discriminator.attention": 3 }).message).toContain("maps of 6, 12 or 24 pixels");
  });

  it.each(["sndcgan", "dcgan"])("does not stand in %s, which has no blocks", (name) => {
    expect(refusal({ ...both(name), "generator.attention": 16 }).hint).toContain("a residual architecture");
  });
});

describe("options of generators", () => {
  it.each(["sndcgan", "dcgan"])("%s has no spectral norm and no hierarchical latent vector", (name) => {
    expect(refusal({ ...both(name), "generator.spectralNorm": true }).written(asFlag).hint).toContain(
      "discriminator.spectralNorm",
    );
    const values = {
      ...both(name),
      "generator.hierarchicalLatent": true,
      "generator.norm": "self-modulated",
    };
    expect(refusal(values).message).toContain("no blocks");
  });

  it("a hierarchical latent vector needs a norm that looks at it, and equal chunks", () => {
    const hierarchical = { "generator.hierarchicalLatent": true };
    expect(refusal(hierarchical).written(asFlag).hint).toContain("generator.norm=self-modulated");
    const modulated = { ...hierarchical, "generator.norm": "self-modulated" };
    expect(() => parseConfig(modulated)).not.toThrow();
    const error = refusal({ ...modulated, "generator.latentSize": 126 });
    expect(error.message).toContain("4 equal chunks at 32 pixels");
    expect(error.written(asFlag).hint).toContain("latentSize=128");
    // Five blocks at 128 pixels: six chunks.
    expect(refusal({ ...modulated, "data.resolution": 128 }).written(asFlag).hint).toContain(
      "latentSize=132",
    );
  });

  it("an embedding of classes needs norms that look at it, and blocks that share it", () => {
    const embedded = { "generator.classEmbedding": 16 };
    expect(refusal(embedded).message).toContain("does not look at the class");
    expect(refusal(embedded).written(asFlag).hint).toContain("generator.norm=conditional");
    const told = { "generator.norm": "conditional", "discriminator.conditioning": "projection" };
    expect(parseConfig({ ...embedded, ...told }).generator.classEmbedding).toBe(16);
    expect(refusal({ ...both("dcgan"), ...embedded, ...told }).message).toContain("no residual blocks");
  });

  it("spectral norm is fine elsewhere", () => {
    expect(parseConfig({ "generator.spectralNorm": true }).generator.spectralNorm).toBe(true);
  });
});
