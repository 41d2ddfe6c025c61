/**
 * FastGAN's reconstruction: the decoder ends at the size of the image, whatever the discriminator
 * and its images are.
 */
import { describe, expect, it } from "vitest";
import { input } from "../../graph/index.ts";
import { DISCRIMINATORS, type DiscriminatorName } from "../../models/registry.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { discriminatorOf } from "../networks.ts";
import { paperSettings } from "../paper-settings.ts";

/** The decoder's image, and which of the discriminator's tensors are its own, for two images. */
function decode(architecture: DiscriminatorName, resolution: number) {
  const { data, discriminator, objective, training } = paperSettings({
    data: { resolution },
    discriminator: { architecture, width: DISCRIMINATORS[architecture].widthStep(resolution) },
    objective: { auxiliary: "reconstruction:1" },
  });
  const made = discriminatorOf({ data, discriminator, objective, training });
  const trace = traceNetwork("discriminator", true);
  const images = input("images", [2, 3, resolution, resolution]);
  const output = made.apply(trace.scope, [{ images, classes: undefined }], "primary");
  const { outputs } = made.auxiliary(trace.scope, made.auxiliaries[0]!, () => output);
  const own = trace.parameters.filter(({ name }) => name.includes("/reconstruction/"));
  const sides = output.blocks.map(({ shape }) => shape[2]!);
  return {
    image: outputs.image!,
    outputs,
    sides,
    kernels: own.filter(({ name }) => name.endsWith("/kernel")),
  };
}

const decoding = (name: DiscriminatorName): boolean => "paint" in DISCRIMINATORS[name];
const NAMES = (Object.keys(DISCRIMINATORS) as DiscriminatorName[]).filter((name) => !decoding(name));
const SIZES = NAMES.flatMap((name) => DISCRIMINATORS[name].resolutions.map((side) => [name, side] as const));

describe("reconstruction", () => {
  it.each(SIZES)("paints images of %s at %d pixels", (architecture, resolution) => {
    const { image, sides, kernels } = decode(architecture, resolution);
    expect(image.shape).toEqual([2, 3, resolution, resolution]);
    // Images of 4 and 8 pixels have no map of 8 places that is smaller than they are.
    const from = Math.min(...sides.filter((side) => side >= Math.min(8, resolution / 2)));
    expect(kernels).toHaveLength(Math.log2(resolution / from));
    expect(kernels.at(-1)!.shape[0]).toBe(2 * 3);
  });

  it.each([64, 128, 256])("by FastGAN's own decoders paints three images of half of %d pixels", (side) => {
    const { outputs, kernels } = decode("fastgan", side);
    const shapes = Object.entries(outputs).map(([name, { shape }]) => `${name} ${shape}`);
    const half = `2,3,${side / 2},${side / 2}`;
    expect(shapes).toEqual([`whole ${half}`, `half ${half}`, `quadrant ${half}`]);
    // From 8 × 8 each doubles the map, and has a last layer for colors.
    expect(kernels).toHaveLength(3 * (Math.log2(side / 2 / 8) + 1));
  });
});
