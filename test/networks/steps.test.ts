/**
 * What the two steps do beyond the numbers that are compared with PyTorch's (test/): passes,
 * weights, classes, micro-batches.
 */
import { describe, expect, it } from "vitest";
import type { TensorData } from "../../src/engine/engine.ts";
import { STANDARD_TARGET, sizeOf } from "../../src/graph/index.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import type { SettingsOverrides } from "../../src/objectives/paper-settings.ts";
import type { StepSettings } from "../../src/objectives/settings.ts";
import type { Slot, Steps } from "../../src/objectives/steps.ts";
import { BATCH, feedsOf, type Run, run, tiny } from "../../src/objectives/testing/run-steps.ts";
import { expectClose } from "../support/close.ts";

const discriminatorOnly = (settings: StepSettings): Promise<Run> =>
  run(settings, (steps) => [[steps.discriminatorStep, {}]]);

/** One named tensor of a network. */
function tensor({ steps }: Run, state: Record<string, Float32Array>, name: string): Float32Array {
  const network = name.split("/")[0] as keyof Steps["layout"];
  for (const kind of ["parameters", "buffers"] as const) {
    const slot = steps.layout[network][kind].find((s: Slot) => s.name === name);
    if (slot) return state[`${network}/${kind}`]!.subarray(slot.offset, slot.offset + sizeOf(slot.shape));
  }
  throw new Error(`no tensor ${name}`);
}

/** u after so many power iterations on a kernel [out, columns]. */
function powerIterations(kernel: Float32Array, u: Float32Array, count: number): number[] {
  const columns = u.length;
  const unit = (v: number[]): number[] => v.map((x) => x / Math.hypot(...v));
  let next = [...u];
  for (let i = 0; i < count; i++) {
    const v = unit(
      Array.from({ length: kernel.length / columns }, (_, o) =>
        next.reduce((s, x, c) => s + x * kernel[o * columns + c]!, 0),
      ),
    );
    next = unit(next.map((_, c) => v.reduce((s, x, o) => s + x * kernel[o * columns + c]!, 0)));
  }
  return next;
}

describe("passes of the discriminator", () => {
  it.each([
    ["all turns in one pass", { turns: "all" }, 1, 1],
    [
      "each image in one turn: real, generated and turned ones apart",
      { turns: "one", rotatedBatch: 4 },
      3,
      3,
    ],
    ["a penalty after the losses, without the rotation head", { penalty: "wgan-gp" }, 2, 1],
    ["no pass for a penalty on kernels", { penalty: "l2" }, 1, 1],
    ["one pass for real and generated images together, for R1 + R2", { penalty: "r1-r2" }, 2, 1],
  ] as const)("%s", async (_, objective, trunk, rotation) => {
    const done = await discriminatorOnly(tiny({ objective }));
    for (const [layer, passes] of [
      ["block2/conv1", trunk],
      ["finalFc", trunk],
      ["rotation", rotation],
    ] as const) {
      const kernel = tensor(done, done.before, `discriminator/${layer}/kernel`);
      const u = tensor(done, done.before, `discriminator/${layer}/u`);
      const expected = powerIterations(kernel, u, passes);
      expectClose(tensor(done, done.after, `discriminator/${layer}/u`), expected, {
        relative: 1e-4,
        name: layer,
      });
    }
  });
});

describe("rotation alone", () => {
  it("reports the adversarial part and leaves it out of both losses", async () => {
    const settings = tiny({ objective: { selfSupervision: "rotation-only" } });
    const done = await run(settings, (steps) => [
      [steps.discriminatorStep, {}],
      [steps.generatorStep, {}],
    ]);
    const [d, g] = done.results as [Record<string, number>, Record<string, number>];
    expect(d.loss).toBeCloseTo(0.5 * d.rotationLossReal!, 5);
    expect(g.loss).toBeCloseTo(0.5 * g.rotationLossFake!, 5);
    for (const name of ["lossReal", "lossFake", "real", "fake"]) expect(d[name]).toBeTypeOf("number");
    const head = "discriminator/finalFc/kernel";
    expect(tensor(done, done.after, head)).toEqual(tensor(done, done.before, head));
    const rotation = "discriminator/rotation/kernel";
    expect(tensor(done, done.after, rotation)).not.toEqual(tensor(done, done.before, rotation));
  });
});

describe("a conditional GAN", () => {
  const settings = tiny({
    data: { classes: 3 },
    generator: { norm: "conditional" },
    discriminator: { conditioning: "projection" },
    objective: { penalty: "wgan-gp" },
  });
  const labels = (...values: number[]): BigInt64Array => BigInt64Array.from(values, BigInt);

  it("judges real images by their classes and generated ones by those they were made for", async () => {
    const results = async (fixed: Record<string, TensorData>) =>
      (await run(settings, (steps) => [[steps.discriminatorStep, fixed]])).results[0]!;
    const same = { labels: labels(0, 1, 2, 0), fakeLabels: labels(2, 2, 1, 0) };
    const [first, otherReal, otherFake] = [
      await results(same),
      await results({ ...same, labels: labels(1, 1, 2, 0) }),
      await results({ ...same, fakeLabels: labels(2, 1, 1, 0) }),
    ];
    expect(otherReal.lossReal).not.toBeCloseTo(first.lossReal!, 6);
    expect(otherReal.lossFake).toBeCloseTo(first.lossFake!, 6);
    expect(otherReal.penalty).not.toBeCloseTo(first.penalty!, 6);
    expect(otherFake.lossFake).not.toBeCloseTo(first.lossFake!, 6);
    expect(otherFake.lossReal).toBeCloseTo(first.lossReal!, 6);
    // The rotation head is told nothing of classes.
    expect(otherReal.rotationLossReal).toBeCloseTo(first.rotationLossReal!, 6);
  });

  it("says which feeds are to be drawn, from streams of their own", () => {
    const steps = buildSteps(settings, STANDARD_TARGET);
    expect(steps.draws.discriminatorStep.map(({ name, stream }) => [name, stream])).toEqual([
      ["latents", "latents"],
      ["fakeLabels", "labels"],
      ["mixing", "penalty"],
    ]);
    expect(steps.draws.generatorStep.map(({ name }) => name)).toEqual(["latents", "fakeLabels"]);
    for (const step of ["discriminatorStep", "generatorStep"] as const)
      for (const { name, shape } of steps.draws[step])
        expect(steps[step].feeds.find((feed) => feed.name === name)?.shape).toEqual(shape);
    expect(steps.sampler.feeds.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
      "latents float32",
      "labels int64",
    ]);
  });
});

describe("gradient accumulation", () => {
  /** Rows `part` of `parts` of a tensor. */
  const cut = (values: TensorData, part: number, parts: number): TensorData =>
    values.slice((part * values.length) / parts, ((part + 1) * values.length) / parts) as TensorData;

  it.each(["discriminatorStep", "generatorStep"] as const)(
    "%s: two micro-batches update as one batch, to rounding, where nothing depends on the batch as a whole",
    async (name) => {
      // Without batch norm, and with all images rotated, so that both show the same ones.
      const options: SettingsOverrides = {
        generator: { norm: "none" },
        objective: { rotatedBatch: 4 * BATCH, penalty: name === "discriminatorStep" ? "wgan-gp" : "none" },
      };
      const whole = await run(tiny(options), (steps) => [[steps[name], {}]]);
      const fixed = feedsOf(whole.steps[name], tiny(options));
      const part = (i: number): Record<string, TensorData> =>
        Object.fromEntries(
          Object.entries(fixed).map(([key, values]) => [key, values.length > 1 ? cut(values, i, 2) : values]),
        );
      const halves = await run(tiny({ ...options, training: { accumulate: 2 } }), (steps) => [
        [steps.accumulating![name], part(0)],
        [steps[name], part(1)],
      ]);
      const network = name === "discriminatorStep" ? "discriminator" : "generator";
      for (const entry of [`${network}/parameters`, `${network}/adam/v`, "discriminator/buffers"])
        expectClose(halves.after[entry]!, whole.after[entry]!, { relative: 1e-5, name: entry });
      const moved = (done: Run) =>
        done.after[`${network}/parameters`]!.map((v, i) => v - done.before[`${network}/parameters`]![i]!);
      expectClose(moved(halves), moved(whole), { relative: 2e-3, name: "the update" });
      expect(halves.after[`${network}/gradient`]!.every((g) => g === 0)).toBe(true);
      const mean = (halves.results[0]!.loss! + halves.results[1]!.loss!) / 2;
      expect(mean).toBeCloseTo(whole.results[0]!.loss!, 4);
    },
  );
});
