/**
 * Every rewrite changes the graph and not its result: a whole D and G update of both network forms, with the rewrite and without.
 * Widths that fill blocks and one that does not.
 */
import { describe, expect, it } from "vitest";
import { randomStream } from "../src/base/random.ts";
import type { TensorData } from "../src/engine/engine.ts";
import { createInlineEngine } from "../src/engine/node.node.ts";
import { type Rewrites, sizeOf, type Target } from "../src/graph/index.ts";
import type { Program } from "../src/graph/program.ts";
import { buildSteps } from "../src/objectives/build.ts";
import { paperSettings } from "../src/objectives/paper-settings.ts";
import type { StepSettings } from "../src/objectives/settings.ts";
import { expectClose } from "./support/close.ts";

const settings = (architecture: "resnet-cifar" | "sngan-resnet", width: number): StepSettings =>
  paperSettings({
    data: { resolution: 16 },
    generator: { architecture, width, latentSize: 16 },
    discriminator: { architecture, width },
    objective: { rotatedBatch: 16 },
    optimizer: { beta1: 0.5 },
    // Whole blocks of images in the G step's batch, and not in that of the D step (16 + 16 + 12): both forms of the weight gradient.
    training: { batchSize: 16 },
  });

/** Everything the two steps give, for random but fixed state and feeds. */
async function updates(config: StepSettings, target: Target): Promise<Record<string, TensorData>> {
  const steps = buildSteps(config, target);
  const engine = await createInlineEngine({ device: "cpu", threads: 2 });
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
          return [
            name,
            Float32Array.from({ length: n }, () =>
              name === "latents" ? random.normal() : name === "emaDecay" ? 0.9 : 0.01,
            ),
          ];
        }),
      );
      const executable = await engine.compile(program);
      return executable.run(feeds);
    };
    const d = await run(steps.discriminatorStep);
    const g = await run(steps.generatorStep);
    const names = Object.keys(state).filter((name) => !name.endsWith("/m"));
    const after = await engine.readState([...names, "generator/adam/m", "discriminator/adam/m"]);
    return {
      ...Object.fromEntries(Object.entries(d).map(([k, v]) => [`D ${k}`, v])),
      ...Object.fromEntries(Object.entries(g).map(([k, v]) => [`G ${k}`, v])),
      ...after,
    };
  } finally {
    await engine.close();
  }
}

describe.each([
  ["resnet-cifar", 16],
  ["resnet-cifar", 48],
  ["resnet-cifar", 20],
  ["sngan-resnet", 32],
] as const)("%s, width %d", (architecture, width) => {
  const off: (keyof Rewrites)[] = ["merge", "simplify", "fold", "block", "directWeights"];
  it.each(off)("equal with and without: %s", async (name) => {
    const engine = await createInlineEngine({ device: "cpu", threads: 2 });
    const { target } = engine;
    await engine.close();
    const config = settings(architecture, width);
    const withIt = await updates(config, target);
    const without = await updates(config, { ...target, rewrites: { [name]: false } });
    for (const [key, values] of Object.entries(without))
      expectClose(withIt[key]! as Float32Array, values as Float32Array, {
        relative: 1e-4,
        absolute: 1e-7,
        name: key,
      });
    expect(Object.keys(withIt)).toEqual(Object.keys(without));
  });
});
