import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { networkLayout } from "../../objectives/programs/initial-state.ts";
import { loadPreset } from "../config/presets.node.ts";
import { resolveConfig } from "../config/resolve.ts";
import { assembleState } from "../run/checkpoint/weights.ts";
import { importDiscriminator, importGenerator } from "./mimicry.ts";

type Shapes = Readonly<Record<string, readonly number[]>>;
const sizes = JSON.parse(
  readFileSync(new URL("../../../test/goldens/mimicry/shapes.json", import.meta.url), "utf8"),
) as {
  readonly side: number;
  readonly generator: Shapes;
  readonly discriminator: Shapes;
  readonly infomax: Shapes;
  readonly wgan: Shapes;
}[];

/** A file with such tensors, all of them 1. */
const saved = (shapes: Shapes) => ({
  where: "net.pth",
  tensors: new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) },
    ]),
  ),
});

describe.each(sizes)("$side pixels", ({ side, generator, discriminator, infomax, wgan }) => {
  it.each([
    ["SSGAN", discriminator, `mimicry/ssgan-${side}`],
    ["InfoMax-GAN", infomax, `mimicry/zoo/infomax-${side}`],
    ["WGAN-GP", wgan, `mimicry/zoo/sngan-${side}`],
  ])("both networks of %s fit the architecture, to the last tensor", (_, shapes, preset) => {
    const [g, d] = [importGenerator(saved(generator)), importDiscriminator(saved(shapes))];
    expect(g.settings["data.resolution"]).toBe(side);
    const flags = Object.entries({ ...g.settings, ...d.settings }).map(([path, value]) => ({
      ...{ flag: path, path, value },
    }));
    const { config } = resolveConfig({ preset: loadPreset(preset), sets: [], flags });
    const weights = new Map([...g.weights, ...d.weights]);
    const entries = ["generator", "discriminator"].flatMap((name) =>
      ["parameters", "buffers"].map((kind) => `${name}/${kind}`),
    );
    const layout = networkLayout(config);
    const state = assembleState({ weights, rest: new Map() }, entries, layout, "net.pth");
    expect(state["generator/parameters"]!.every((value) => value === 1)).toBe(true);
    // Nothing was read that has no place.
    const places = [layout.generator, layout.discriminator].flatMap((network) => [
      ...network.parameters,
      ...network.buffers,
    ]);
    expect([...weights.keys()].sort()).toEqual(places.map(({ name }) => name).sort());
  });
});

describe("refuses", () => {
  const { generator, discriminator } = sizes[0]!;
  const without = (shapes: Shapes, name: string): Shapes =>
    Object.fromEntries(Object.entries(shapes).filter(([key]) => key !== name));

  it("a file that lacks a tensor, naming it", () => {
    for (const name of ["l1.weight", "block3.c1.bias", "b5.running_var", "block2.b2.weight"])
      expect(() => importGenerator(saved(without(generator, name)))).toThrow(`it has no tensor ${name}`);
  });

  it("a file that has more", () => {
    const attention = { ...generator, "attn.theta.weight": [4, 4, 1, 1] };
    expect(() => importGenerator(saved(attention))).toThrow(/1 tensors .* attn\.theta\.weight among them/);
  });

  it("another rank, another type, another side, another task", () => {
    expect(() => importGenerator(saved({ ...generator, "l1.weight": [3] }))).toThrow(/not of rank 2/);
    const integers = saved(generator);
    integers.tensors.set("l1.weight", { shape: [2, 2], data: new BigInt64Array(4) as never });
    expect(() => importGenerator(integers)).toThrow(/no numbers of type float/);
    const wide = { ...generator, "l1.weight": [100 * 128, 6], "l1.bias": [100 * 128] };
    expect(() => importGenerator(saved(wide))).toThrow(/side of 80 pixels/);
    const jigsaw = { ...discriminator, "l_y.weight": [24, 256], "l_y.bias": [24], "l_y.sn_u": [1, 24] };
    expect(() => importDiscriminator(saved(jigsaw))).toThrow(/tells 24 things apart/);
  });

  it("a projection of InfoMax-GAN that looks at more than one place, and a file without one", () => {
    const { infomax } = sizes[0]!;
    const wide = { ...infomax, "local_nrkhs_a.weight": [4, 4, 3, 3] };
    expect(() => importDiscriminator(saved(wide))).toThrow(/local_nrkhs_a is not a 1 × 1 convolution/);
    const none = without(infomax, "global_nrkhs_sc.weight");
    expect(() => importDiscriminator(saved(none))).toThrow("it has no tensor global_nrkhs_sc.weight");
  });
});
