/**
 * One full D update and one full G update of both network forms against an independent PyTorch
 * program (test/goldens/updates.py): every parameter, Adam moment, spectral-norm vector and running
 * statistic, relative 1e-4.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createInThreadEngine } from "../../src/engine/node.node.ts";
import { sizeOf, type Target } from "../../src/graph/index.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { paperSettings } from "../../src/objectives/paper-settings.ts";
import type { NetworkLayout, Slot } from "../../src/objectives/steps.ts";
import { expectClose } from "../support/close.ts";
import { readGolden } from "../support/safetensors.ts";

interface Variant {
  readonly beta1: number;
  readonly beta2: number;
  readonly correctedLearningRate: number;
  readonly results: { dStep: Record<string, number>; gStep: Record<string, number> };
}
interface GoldenCase {
  readonly resolution: 16 | 32;
  readonly file: string;
  readonly generatorWidth: number;
  readonly discriminatorWidth: number;
  readonly latentSize: number;
  readonly batchSize: number;
  readonly rotatedBatch: number;
  readonly alpha: number;
  readonly beta: number;
  readonly layout: Record<
    "generator" | "discriminator",
    Record<"parameters" | "buffers", [string, number[]][]>
  >;
  readonly vanishingGradients: string[];
  readonly variants: Record<"start" | "late", Variant>;
}

const RELATIVE = 1e-4;
const forms = { compare_gan: "resnet-cifar", mimicry: "sngan-resnet" } as const;
const targets: Record<string, Target> = {
  standard: { provider: "standard", block: 0 },
  cpu: { provider: "cpu", block: 0 },
};

for (const [form, architecture] of Object.entries(forms)) {
  const goldens = JSON.parse(
    readFileSync(new URL(`../goldens/updates/${form}.json`, import.meta.url), "utf8"),
  ) as { cases: GoldenCase[] };
  for (const golden of goldens.cases)
    for (const name of ["start", "late"] as const)
      for (const [targetName, target] of Object.entries(targets))
        describe(`${form} at ${golden.resolution}, ${name}, on ${targetName}`, () => {
          it("one D update and one G update equal PyTorch's", () =>
            compareUpdates(golden, architecture, name, target));
        });
}

async function compareUpdates(
  golden: GoldenCase,
  architecture: (typeof forms)[keyof typeof forms],
  name: "start" | "late",
  target: Target,
): Promise<void> {
  const variant = golden.variants[name];
  const settings = paperSettings({
    data: { resolution: golden.resolution },
    generator: { architecture, width: golden.generatorWidth, latentSize: golden.latentSize },
    discriminator: { architecture, width: golden.discriminatorWidth },
    objective: { rotatedBatch: golden.rotatedBatch },
    optimizer: variant,
    training: { batchSize: golden.batchSize },
  });
  const file = readGolden(new URL(`../goldens/updates/${golden.file}`, import.meta.url));
  const get = (key: string): Float32Array => file.get(key)!.data as Float32Array;
  const steps = buildSteps(settings, target);
  const networks = ["generator", "discriminator"] as const;
  for (const net of networks)
    for (const kind of ["parameters", "buffers"] as const)
      expect(steps.layout[net][kind].map((s) => [s.name, s.shape])).toEqual(golden.layout[net][kind]);

  const flat = (slots: readonly Slot[], key: (slot: Slot) => string): Float32Array =>
    Float32Array.from(
      slots.flatMap((s) => [...(file.has(key(s)) ? get(key(s)) : new Float32Array(sizeOf(s.shape)))]),
    );
  const state: Record<string, Float32Array> = {};
  for (const net of networks) {
    const { parameters, buffers } = steps.layout[net];
    state[`${net}/parameters`] = flat(parameters, (s) => `initial/${s.name}`);
    state[`${net}/buffers`] = flat(buffers, (s) => `initial/${s.name}`);
    for (const moment of ["m", "v"])
      state[`${net}/adam/${moment}`] = flat(parameters, (s) => `${name}/initial/${moment}/${s.name}`);
  }
  state["generator/ema"] = state["generator/parameters"]!.slice();

  const engine = await createInThreadEngine({ device: "cpu", threads: 2 });
  try {
    await engine.writeState(state);
    const learningRate = Float32Array.of(variant.correctedLearningRate);
    const d = await (await engine.compile(steps.discriminatorStep)).run({
      images: file.get("inputs/images")!.data as Uint8Array,
      latents: get("inputs/latentsD"),
      learningRate,
      beta: Float32Array.of(golden.beta),
    });
    compareResults(d, variant.results.dStep);
    await compareState("discriminator", "D");
    const g = await (await engine.compile(steps.generatorStep)).run({
      latents: get("inputs/latentsG"),
      learningRate,
      alpha: Float32Array.of(golden.alpha),
      emaDecay: Float32Array.of(0.5),
    });
    compareResults(g, variant.results.gStep);
    await compareState("generator", "G");
    const { "generator/ema": ema, "generator/parameters": now } = await engine.readState([
      "generator/ema",
      "generator/parameters",
    ]);
    expectClose(
      ema!,
      state["generator/ema"]!.map((p, i) => 0.5 * p + 0.5 * now![i]!),
      { relative: 1e-6, name: "moving average" },
    );
  } finally {
    await engine.close();
  }

  function compareResults(
    actual: Readonly<Record<string, ArrayLike<number | bigint>>>,
    expected: Record<string, number>,
  ): void {
    for (const [key, value] of Object.entries(actual)) {
      expect(expected, `the golden has no ${key}`).toHaveProperty(key);
      expectClose(value, [expected[key]!], { relative: RELATIVE, absolute: 1e-6, name: key });
    }
  }

  async function compareState(trained: (typeof networks)[number], after: "D" | "G"): Promise<void> {
    const names = [
      ...["parameters", "adam/m", "adam/v"].map((k) => `${trained}/${k}`),
      "generator/buffers",
      "discriminator/buffers",
    ];
    const now = await engine.readState(names);
    for (const net of networks)
      compareSlots(
        steps.layout[net].buffers,
        now[`${net}/buffers`]!,
        (s) => `${name}/after${after}/${s.name}`,
      );
    const { parameters }: NetworkLayout = steps.layout[trained];
    const solid = parameters.filter((s) => name === "late" || !golden.vanishingGradients.includes(s.name));
    compareSlots(solid, now[`${trained}/adam/v`]!, (s) => `${name}/after${after}/v/${s.name}`);
    compareSlots(solid, now[`${trained}/adam/m`]!, (s) => `${name}/after${after}/m/${s.name}`);
    // Adam's first step is the sign of the gradient: where that is nearly 0 the comparison means nothing.
    const sure = (slot: Slot): ((i: number) => boolean) => {
      if (name === "late") return () => true;
      const m = get(`${name}/after${after}/m/${slot.name}`);
      const largest = m.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
      return (i) => Math.abs(m[i]!) > 1e-4 * largest;
    };
    compareSlots(solid, now[`${trained}/parameters`]!, (s) => `${name}/after${after}/${s.name}`, sure);
  }

  function compareSlots(
    slots: readonly Slot[],
    actual: Float32Array,
    key: (s: Slot) => string,
    sure: (s: Slot) => (i: number) => boolean = () => () => true,
  ): void {
    for (const slot of slots) {
      const include = sure(slot);
      const pick = (values: Float32Array): Float32Array => values.filter((_, i) => include(i));
      const mine = actual.subarray(slot.offset, slot.offset + sizeOf(slot.shape));
      expectClose(pick(mine), pick(get(key(slot))), { relative: RELATIVE, absolute: 1e-9, name: key(slot) });
    }
  }
}
