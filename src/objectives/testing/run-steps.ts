/**
 * For tests: the programs of small steps, run once each on a fresh engine with feeds that follow
 * from their names.
 */
import { randomStream } from "../../base/random.ts";
import type { TensorData } from "../../engine/engine.ts";
import { createInThreadEngine } from "../../engine/node.node.ts";
import { STANDARD_TARGET, sizeOf } from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { buildSteps } from "../build.ts";
import { paperSettings, type SettingsOverrides } from "../paper-settings.ts";
import type { StepSettings } from "../settings.ts";
import type { Steps } from "../steps.ts";

/** Images in a batch of `tiny`. */
export const BATCH = 4;

/** Small networks for images of 16 × 16. */
export const tiny = (overrides: SettingsOverrides = {}): StepSettings =>
  paperSettings({
    ...overrides,
    data: { resolution: 16, ...overrides.data },
    generator: { width: 4, latentSize: 6, ...overrides.generator },
    discriminator: { width: 4, ...overrides.discriminator },
    objective: { rotatedBatch: 8, ...overrides.objective },
    training: { batchSize: BATCH, ...overrides.training },
  });

/** Feeds of a program by name and seed; `fixed` ones are given. */
export function feedsOf(
  program: Program,
  settings: StepSettings,
  fixed: Readonly<Record<string, TensorData>> = {},
): Record<string, TensorData> {
  return Object.fromEntries(
    program.feeds.map(({ name, dtype, shape }) => {
      const random = randomStream(8, name);
      const length = sizeOf(shape);
      if (fixed[name]) return [name, fixed[name]];
      if (dtype === "uint8") return [name, Uint8Array.from({ length }, () => random.integer(256))];
      if (dtype === "int64")
        return [
          name,
          BigInt64Array.from({ length }, () => BigInt(random.integer(Math.max(1, settings.data.classes)))),
        ];
      if (name === "learningRate") return [name, Float32Array.of(1e-3)];
      if (shape.length === 0) return [name, Float32Array.of(0.5)];
      return [
        name,
        Float32Array.from({ length }, () => (name === "latents" ? random.normal() : random.uniform())),
      ];
    }),
  );
}

/** What came of it: state before and after, and the scalar results of each program. */
export interface Run {
  readonly steps: Steps;
  readonly before: Record<string, Float32Array>;
  readonly after: Record<string, Float32Array>;
  readonly results: readonly Record<string, number>[];
}

/** Run programs of the steps one after another on a fresh engine. */
export async function run(
  settings: StepSettings,
  programs: (steps: Steps) => readonly (readonly [Program, Readonly<Record<string, TensorData>>])[],
): Promise<Run> {
  const steps = buildSteps(settings, STANDARD_TARGET);
  const engine = await createInThreadEngine({ device: "cpu", threads: 1 });
  try {
    const random = randomStream(2, "state");
    // Weights well away from 0, so that gradients are not tiny, and moments with which Adam's step is smooth.
    const before = Object.fromEntries(
      Object.entries(steps.initialState(1)).map(([name, values]) => [
        name,
        name.endsWith("/v")
          ? values.fill(1)
          : name.endsWith("/parameters")
            ? values.map((v) => v + 0.1 * random.normal())
            : values,
      ]),
    );
    await engine.writeState(before);
    const results: Record<string, number>[] = [];
    for (const [program, fixed] of programs(steps)) {
      const executable = await engine.compile(program);
      const out = await executable.run(feedsOf(program, settings, fixed));
      results.push(
        Object.fromEntries(Object.entries(out).map(([name, values]) => [name, Number(values[0])])),
      );
    }
    return { steps, before, after: await engine.readState(Object.keys(before)), results };
  } finally {
    await engine.close();
  }
}
