/**
 * Where FastGAN's networks ask for chance, and what the rest of the system is given of its patches.
 */
import { describe, expect, it } from "vitest";
import { input } from "../graph/index.ts";
import { traceNetwork } from "../nn/scope.ts";
import { generate } from "./networks.ts";
import { paperSettings } from "./paper-settings.ts";
import { forward } from "./steps/forward.ts";
import { traceGeneratorStep } from "./steps/generator-step.ts";
import { partsOf } from "./steps/parts.ts";

const settings = paperSettings({
  data: { resolution: 64 },
  generator: { architecture: "fastgan", width: 8, latentSize: 16 },
  discriminator: { architecture: "fastgan", width: 4 },
  objective: { selfSupervision: "none", auxiliary: "reconstruction:1,zcr:0:1" },
  training: { batchSize: 3 },
});

describe("FastGAN's noise", () => {
  it("is drawn for steps, a number for each place of an image, once for both of a pair (zCR)", () => {
    const { feeds } = traceGeneratorStep(partsOf(settings));
    const noise = feeds.drawn.filter(({ stream }) => stream === "noise");
    expect(noise.map(({ name, shape, values }) => `${name} ${shape} ${values}`)).toEqual([
      "noise/block1/noise1 3,1,8,8 normal",
      "noise/block1/noise2 3,1,8,8 normal",
      "noise/block3/noise1 3,1,32,32 normal",
      "noise/block3/noise2 3,1,32,32 normal",
    ]);
  });

  it("is left out of images that are sampled, whose network owns the same tensors", () => {
    const own = (noisy: boolean): string[] => {
      const trace = traceNetwork("generator", noisy);
      const noise = (name: string, shape: readonly number[]) => input(name, shape);
      const given = { z: input("z", [2, 16]), classes: undefined };
      generate(trace.scope, noisy ? { ...given, noise } : given, settings);
      return trace.parameters.map(({ name }) => name);
    };
    expect(own(false)).toEqual(own(true));
    expect(own(false).filter((name) => name.endsWith("/weight"))).toHaveLength(4);
  });
});

describe("FastGAN's patches", () => {
  it("are what the adversarial loss is of; an image has one logit for all others", () => {
    const { scope } = traceNetwork("discriminator", true);
    const batch = { images: input("images", [3, 3, 64, 64]), classes: undefined };
    const groups = [{ kind: "real", batch, views: undefined } as const];
    const { logits, scores, outputFor } = forward(scope, groups, partsOf(settings).discriminator);
    expect([logits.real!.shape, scores.real!.shape, outputFor("real")!.logits.shape]).toEqual([
      [3, 1],
      [3, 50],
      [3, 1],
    ]);
  });

  it("are no more than the one logit in networks that have one", () => {
    const { scope } = traceNetwork("discriminator", true);
    const plain = paperSettings({ discriminator: { width: 4 } });
    const batch = { images: input("images", [3, 3, 32, 32]), classes: undefined };
    const groups = [{ kind: "real", batch, views: undefined } as const];
    const { logits, scores } = forward(scope, groups, partsOf(plain).discriminator);
    expect(scores.real).toBe(logits.real);
  });
});
