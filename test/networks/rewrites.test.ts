/**
 * Every rewrite changes the graph and not its result: a whole D and G update of every architecture,
 * with the rewrite and without.
 */
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/base/random.ts";
import type { TensorData } from "../../src/engine/engine.ts";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { type Rewrites, STANDARD_TARGET, sizeOf, type Target, WEBGPU_TARGET } from "../../src/graph/index.ts";
import type { Program } from "../../src/graph/program.ts";
import type { GeneratorName } from "../../src/models/registry.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { paperSettings } from "../../src/objectives/paper-settings.ts";
import type { StepSettings } from "../../src/objectives/settings.ts";
import { expectClose } from "../support/close.ts";
import { onOtherSides, watchRelus } from "../support/relu-ties.ts";

/** Networks of one architecture, small, with whatever else is to be changed. */
interface Case {
  readonly architecture: GeneratorName;
  readonly resolution?: number;
  readonly generator: Partial<StepSettings["generator"]>;
  readonly discriminator: Partial<StepSettings["discriminator"]>;
  readonly objective?: Partial<StepSettings["objective"]>;
  readonly classes?: number;
  /**
   * Whether every rewrite is tried alone, so that a failure says which; otherwise all are switched
   * off together.
   */
  readonly each?: boolean;
}

const settings = ({
  architecture,
  resolution = 16,
  generator,
  discriminator,
  objective,
  classes = 0,
  each = false,
}: Case): StepSettings =>
  paperSettings({
    data: { resolution, classes },
    generator: { architecture, latentSize: 16, ...generator },
    discriminator: { architecture, ...discriminator },
    objective: { rotatedBatch: 8, ...objective },
    optimizer: { beta1: 0.5 },
    // For the rewrites tried alone whole blocks of images in the G step's batch, and not in that of the D step (16 + 16 + 6): both forms of
    // the weight gradient.
    training: { batchSize: each ? 16 : 8 },
  });

/** The two steps, for random but fixed state and feeds. */
interface Updates {
  /** Everything they give. */
  readonly values: Readonly<Record<string, TensorData>>;
  /** What their ReLUs looked at, where that was asked for. */
  readonly units: readonly Float32Array[];
}

/** Do both steps. @param watched whether to look at what goes into every ReLU */
async function updates(config: StepSettings, target: Target, watched: boolean): Promise<Updates> {
  const watch = watchRelus(target);
  const units: Float32Array[] = [];
  const steps = buildSteps(config, watch.target);
  const engine = await createInThreadEngine({ device: "cpu", threads: 2 });
  try {
    const random = randomStream(5, "rewrites");
    // Larger weights than a fresh network has, so that gradients are not tiny; moments must not be zero (Adam's sign step).
    const state = Object.fromEntries(
      Object.entries(steps.initialState(3)).map(([name, values]) => [
        name,
        name.endsWith("/v")
          ? values.map(() => 0.5 + random.uniform())
          : values.map((v) => (name.endsWith("parameters") ? 3 * v + 0.02 * random.normal() : v)),
      ]),
    );
    await engine.writeState(state);
    const run = async (program: Program): Promise<Readonly<Record<string, TensorData>>> => {
      const feeds = Object.fromEntries(
        program.feeds.map(({ name, dtype, shape }) => {
          const n = sizeOf(shape);
          if (dtype === "uint8") return [name, Uint8Array.from({ length: n }, () => random.integer(256))];
          if (dtype === "int64")
            return [
              name,
              BigInt64Array.from({ length: n }, () => BigInt(random.integer(config.data.classes))),
            ];
          return [
            name,
            Float32Array.from({ length: n }, () =>
              name === "latents" ? random.normal() : name === "emaDecay" ? 0.9 : 0.01,
            ),
          ];
        }),
      );
      if (watched) units.push(...(await watch.units(program.name, engine, feeds)));
      const executable = await engine.compile(program);
      return executable.run(feeds);
    };
    const d = await run(steps.discriminatorStep);
    const g = await run(steps.generatorStep);
    const names = Object.keys(state).filter((name) => !name.endsWith("/m"));
    const after = await engine.readState([...names, "generator/adam/m", "discriminator/adam/m"]);
    const values = {
      ...Object.fromEntries(Object.entries(d).map(([k, v]) => [`D ${k}`, v])),
      ...Object.fromEntries(Object.entries(g).map(([k, v]) => [`G ${k}`, v])),
      ...after,
    };
    return { values, units };
  } finally {
    await engine.close();
  }
}

/**
 * Channels that fill blocks and ones that do not; maps of odd sides; every norm; strides, kernels
 * and shortcuts of every architecture.
 */
const CASES: Readonly<Record<string, Case>> = {
  "resnet-cifar of whole blocks": {
    each: true,
    architecture: "resnet-cifar",
    generator: { width: 48 },
    discriminator: { width: 48 },
  },
  "resnet-cifar of broken blocks": {
    each: true,
    architecture: "resnet-cifar",
    generator: { width: 20 },
    discriminator: { width: 20 },
  },
  "resnet-cifar, conditional": {
    architecture: "resnet-cifar",
    generator: { width: 16, norm: "conditional", spectralNorm: true },
    discriminator: { width: 16, conditioning: "projection", norm: "layer" },
    classes: 3,
  },
  "sngan-resnet": {
    each: true,
    architecture: "sngan-resnet",
    generator: { width: 32 },
    discriminator: { width: 32 },
  },
  "pyramid, relativistic loss, R1 + R2": {
    each: true,
    architecture: "pyramid",
    generator: { width: 8 },
    discriminator: { width: 8, spectralNorm: false },
    objective: { loss: "relativistic", penalty: "r1-r2" },
  },
  "resnet-cifar, conditional, relativistic loss, R1": {
    architecture: "resnet-cifar",
    generator: { width: 16, norm: "conditional" },
    discriminator: { width: 16, conditioning: "projection", norm: "layer", spectralNorm: false },
    objective: { loss: "relativistic", penalty: "r1" },
    classes: 3,
  },
  "sngan-resnet, 48 pixels": {
    architecture: "sngan-resnet",
    resolution: 48,
    generator: { width: 32 },
    discriminator: { width: 4 },
  },
  "resnet5, 8 pixels": {
    architecture: "resnet5",
    resolution: 8,
    generator: { width: 64, spectralNorm: true },
    discriminator: { width: 8, norm: "layer" },
  },
  "resnet-stl, hierarchical": {
    architecture: "resnet-stl",
    resolution: 48,
    generator: { width: 64, norm: "self-modulated", hierarchicalLatent: true },
    discriminator: { width: 4 },
  },
  "zq-resnet": {
    architecture: "zq-resnet",
    resolution: 32,
    generator: { width: 16 },
    discriminator: { width: 16 },
  },
  "sndcgan, self-modulated": {
    architecture: "sndcgan",
    generator: { width: 128, norm: "self-modulated" },
    discriminator: { width: 16, norm: "layer" },
  },
  "dcgan, 48 pixels, conditional": {
    architecture: "dcgan",
    resolution: 48,
    generator: { width: 72, norm: "conditional" },
    discriminator: { width: 5, conditioning: "projection" },
    classes: 3,
  },
  dcgan: { architecture: "dcgan", generator: { width: 128 }, discriminator: { width: 16 } },
};

const probing = await createInThreadEngine({ device: "cpu", threads: 2 });
const { target } = probing;
await probing.close();

const REWRITES: (keyof Rewrites)[] = ["merge", "simplify", "fold", "block", "directWeights"];
const without = (names: readonly (keyof Rewrites)[]): Partial<Rewrites> =>
  Object.fromEntries(names.map((name) => [name, false]));

/** Largest difference of a tensor, of its largest value. */
const ROUNDING = 1e-4;
/**
 * With units on another side: each of them may take a thousandth of a gradient with it. What is a
 * mistake in a rewrite is a large part of one.
 */
const A_UNIT = 2e-3;

/** Equal but for rounding, and for units that rounding put on another side. */
function expectEqual(actual: Updates, expected: Updates): void {
  const turned = onOtherSides(actual.units, expected.units);
  // Of two million. Were it many, another cause would have to be looked for.
  expect(turned).toBeLessThan(5);
  for (const [key, values] of Object.entries(expected.values))
    expectClose(actual.values[key]! as Float32Array, values as Float32Array, {
      relative: turned > 0 ? A_UNIT : ROUNDING,
      absolute: 1e-7,
      name: `${key}, with ${turned} units on another side`,
    });
  expect(Object.keys(actual.values)).toEqual(Object.keys(expected.values));
}

describe.each(Object.entries(CASES))("%s", (_, networks) => {
  const { each = false } = networks;
  const config = settings(networks);
  let improved: ReturnType<typeof updates> | undefined;
  const groups = (each ? REWRITES.map((name) => [name]) : [REWRITES]).map((names) => ({
    names,
    title: names.join(", "),
  }));
  it.each(groups)("equal with and without: $title", async ({ names }) => {
    improved ??= updates(config, target, !each);
    const actual = await improved;
    const expected = await updates(config, { ...target, rewrites: without(names) }, !each);
    expect(actual.units.length > 0).toBe(!each);
    expectEqual(actual, expected);
  });
});

/** Graphs for WebGPU are written for other costs; the CPU computes them too. */
describe.each(["sngan-resnet", "resnet-cifar, conditional"])("%s for WebGPU", (name) => {
  it("equal to plain ONNX, whole normalizations and chosen gradients included", async () => {
    const config = settings(CASES[name]!);
    const actual = await updates(config, WEBGPU_TARGET, true);
    const expected = await updates(config, STANDARD_TARGET, true);
    expectEqual(actual, expected);
  });
});
