/**
 * Parameters of the networks at full width, as counted for the references; those of pyramid, which
 * has none, by test/goldens/counts.py.
 */
import { describe, expect, it } from "vitest";
import { input } from "../src/graph/index.ts";
import { DISCRIMINATORS } from "../src/models/registry.ts";
import { count, countGenerator, traceDiscriminator, traceGenerator } from "./support/networks.ts";

describe("parameters at full width", () => {
  it.each([
    ["resnet-cifar", 32, "none", 0, 5_846_019],
    ["resnet-cifar", 32, "batch", 0, 5_849_603],
    ["resnet-cifar", 32, "conditional", 10, 5_881_859],
    ["resnet-cifar", 32, "self-modulated", 0, 5_993_187],
    ["resnet5", 128, "none", 0, 13_780_227],
    ["resnet5", 128, "batch", 0, 13_786_115],
    ["resnet5", 32, "batch", 0, 13_786_115],
    ["resnet5", 128, "self-modulated", 0, 14_019_939],
    ["resnet5", 128, "conditional", 1000, 19_668_227],
    ["resnet-stl", 48, "none", 0, 6_251_523],
    ["resnet-stl", 48, "batch", 0, 6_254_339],
    ["sngan-resnet", 32, "batch", 0, 4_276_739],
    ["sngan-resnet", 48, "batch", 0, 4_878_083],
    ["sngan-resnet", 64, "batch", 0, 12_220_675],
    ["sngan-resnet", 128, "batch", 0, 32_150_787],
    ["zq-resnet", 32, "batch", 0, 4_079_363],
    ["sndcgan", 32, "batch", 0, 3_828_739],
    ["sndcgan", 64, "batch", 0, 7_048_195],
    ["sndcgan", 128, "batch", 0, 19_926_019],
    ["pyramid", 16, "batch", 0, 1_125_891],
    ["pyramid", 32, "batch", 0, 2_372_867],
    ["pyramid", 64, "batch", 0, 3_619_843],
    ["pyramid", 128, "batch", 0, 4_866_819],
  ] as const)("generator %s at %d, norm %s, %d classes: %d", (name, resolution, norm, classes, expected) => {
    expect(countGenerator(name, resolution, norm, classes)).toBe(expected);
  });

  it.each([
    ["resnet-cifar", 32, { rotation: false }, 1_483_137],
    ["resnet-cifar", 32, {}, 1_483_653],
    ["resnet-cifar", 32, { rotation: false, classes: 10 }, 1_484_417],
    ["resnet5", 128, { rotation: false }, 15_086_529],
    ["resnet5", 128, {}, 15_088_581],
    ["resnet5", 32, {}, 15_088_581],
    ["resnet5", 128, { rotation: false, classes: 1000 }, 15_086_529 + 512 * 1000],
    ["resnet-stl", 48, { rotation: false }, 25_114_817],
    ["resnet-stl", 48, {}, 25_118_917],
    ["sngan-resnet", 32, {}, 1_054_341],
    ["sngan-resnet", 48, {}, 10_145_541],
    ["sngan-resnet", 64, {}, 10_145_541],
    ["sngan-resnet", 128, {}, 29_021_957],
    ["zq-resnet", 32, {}, 1_087_365],
    ["sndcgan", 32, { rotation: false }, 5_860_865],
    ["sndcgan", 64, { rotation: false }, 5_885_441],
    ["sndcgan", 128, { rotation: false }, 5_983_745],
    ["sndcgan", 32, {}, 5_860_865 + 32_772],
    ["sndcgan", 64, {}, 5_885_441 + 131_076],
    ["sndcgan", 128, {}, 5_983_745 + 524_292],
    ["pyramid", 16, {}, 635_141],
    ["pyramid", 32, {}, 1_815_301],
    ["pyramid", 64, {}, 3_061_253],
    ["pyramid", 128, {}, 4_307_205],
  ] as const)("discriminator %s at %d with %j: %d", (name, resolution, heads, expected) => {
    expect(count(traceDiscriminator(name, resolution, {}, {}, heads).trace.parameters)).toBe(expected);
  });

  // As ajbrock/BigGAN-PyTorch's own modules have them, and compare_gan's test of its BigGAN.
  it.each([
    ["biggan", 128, 64, 64, 70_433_988, 87_982_370],
    ["resnet-biggan", 128, 64, 64, 70_433_988, 87_982_370],
    // Counted with 100 latents; with 120 each chunk has 4 more, for the seed and both kernels of each norm.
    ["biggan", 64, 64, 32, 31_804_676 + 4 * (16 * 1024 + 2 * (2048 + 1536 + 768 + 384)), 20_571_842],
  ] as const)(
    "BigGAN whole, %s at %d with attention at %d and %d: %d and %d",
    (name, side, inGenerator, inDiscriminator, g, d) => {
      const classes = 1000;
      const whole = { norm: "conditional", hierarchicalLatent: true, classEmbedding: 128 } as const;
      const { trace } = traceGenerator(name, side, { ...whole, attention: inGenerator }, { classes });
      expect(count(trace.parameters)).toBe(g);
      const heads = { rotation: false, classes };
      const other = traceDiscriminator(name, side, { attention: inDiscriminator }, {}, heads).trace;
      expect(count(other.parameters)).toBe(d);
    },
  );

  it("of BigGAN for CIFAR-10, with vectors of classes in each norm", () => {
    expect(countGenerator("biggan", 32, "conditional", 10)).toBe(4_304_387);
    const { trace } = traceDiscriminator("biggan", 32, {}, {}, { rotation: false, classes: 10 });
    expect(count(trace.parameters)).toBe(4_207_361);
  });

  // As brownvc/R3GAN's own modules have them, with its 64 latent numbers, without norms and without a task's head.
  it.each([
    [32, 768, 768, 20_732_160, 20_683_776],
    [32, 1536, 1536, 82_752_000, 82_655_232],
    [64, 768, 384, 22_429_824, 22_381_440],
  ])("R3GAN at %d with %d and %d channels: %d and %d", (side, wide, narrow, g, d) => {
    const { trace } = traceGenerator("r3gan", side, { width: wide, norm: "none" });
    // 120 latent numbers here.
    expect(count(trace.parameters) - (120 - 64) * wide).toBe(g);
    const other = traceDiscriminator("r3gan", side, { width: narrow }, {}, { rotation: false }).trace;
    expect(count(other.parameters)).toBe(d);
  });

  // The authors' two modules with their 256 latent numbers (test/goldens/fastgan.py); their batch norms in D have as many as layer norms.
  it("FastGAN at 256: 29,127,846 less its second image, and 11,526,160 with decoders", () => {
    const { trace } = traceGenerator("fastgan", 256);
    const perLatent = 2 * 1024 * 4 ** 2;
    const secondImage = 64 * 3;
    expect(count(trace.parameters) + (256 - 120) * perLatent + secondImage).toBe(29_127_846);
    const heads = { rotation: false };
    const other = traceDiscriminator("fastgan", 256, { norm: "layer" }, {}, heads);
    const options = { width: 16, norm: "layer", spectralNorm: true } as const;
    DISCRIMINATORS.fastgan.paint!(
      other.trace.scope.child("reconstruction"),
      other.features,
      input("chosen", [2, 4]),
      options,
    );
    expect(count(other.trace.parameters)).toBe(11_526_160);
  });

  it("of single layers of resnet-cifar", () => {
    const { trace } = traceGenerator("resnet-cifar", 32);
    const below = (path: string) =>
      count(trace.parameters.filter(({ name }) => name.startsWith(`generator/${path}/`)));
    // Each block with its two norms: 1,770,240 in the reference's table without them.
    for (const block of ["block1", "block2", "block3"]) expect(below(block)).toBe(1_770_240 + 2 * 2 * 256);
    expect(below("finalConv")).toBe(6_915);
  });

  it("of one self-modulated norm: (z + 1) · 32 + 2 · 33 · C", () => {
    const { trace } = traceGenerator("resnet-cifar", 32, { norm: "self-modulated" });
    const norm = trace.parameters.filter(({ name }) => name.startsWith("generator/block2/norm1/"));
    expect(count(norm)).toBe(121 * 32 + 2 * 33 * 256);
  });
});
