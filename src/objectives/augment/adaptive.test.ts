/**
 * Where the probability of an adaptive augmentation goes, and what it does at both ends. The
 * numbers are compared with PyTorch's in test/networks/objectives.test.ts.
 */
import { describe, expect, it } from "vitest";
import type { TensorData } from "../../engine/engine.ts";
import { input, type Tensor } from "../../graph/index.ts";
import { evaluate, type Values } from "../../graph/testing/evaluate.ts";
import type { SettingsOverrides } from "../paper-settings.ts";
import { BATCH, type Run, run, tiny } from "../testing/run-steps.ts";
import { withPseudoReals } from "./adaptive.ts";
import { augment, augmentationNumbers, augmentationsOf } from "./augment.ts";

/** A quarter from 0 to 1 in each update. */
const FAST = { adaptiveImages: (4 * BATCH) / 1000 } as const;
const settings = (training: SettingsOverrides["training"]) =>
  tiny({
    objective: { loss: "non-saturating", selfSupervision: "none" },
    training: { ...FAST, ...training },
  });

/** The probability in each of some updates. */
async function probabilities(training: SettingsOverrides["training"], updates: number): Promise<number[]> {
  const done: Run = await run(settings(training), (steps) =>
    Array.from({ length: updates }, () => [steps.discriminatorStep, {}] as const),
  );
  return done.results.map(({ augmentProbability }) => augmentProbability!);
}

describe("the probability", () => {
  it("rises while more real images are taken for real than is aimed at, and ends at 1", async () => {
    const rising = await probabilities({ adaptive: "apa", adaptiveTarget: -0.999 }, 6);
    expect(rising).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
  });

  it("ends at 0 while fewer are", async () => {
    // Out of reach, so that no score is high enough.
    const falling = await probabilities({ adaptive: "apa", adaptiveTarget: 1.5 }, 3);
    expect(falling).toEqual([0, 0, 0]);
  });

  it("is that of the discriminator's last update in the generator's step, which leaves it", async () => {
    const training = { adaptive: "ada", augment: "cutout", adaptiveTarget: -0.999 } as const;
    const done = await run(settings(training), (steps) => [
      [steps.discriminatorStep, {}],
      [steps.generatorStep, {}],
      [steps.generatorStep, {}],
      [steps.discriminatorStep, {}],
    ]);
    expect(done.results.map(({ augmentProbability }) => augmentProbability)).toEqual([
      0,
      undefined,
      undefined,
      0.25,
    ]);
  });

  it("counts the images of all micro-batches", async () => {
    const accumulated = settings({ adaptive: "apa", adaptiveTarget: -0.999, accumulate: 2 });
    const done = await run(accumulated, (steps) => [
      [steps.accumulating!.discriminatorStep, {}],
      [steps.discriminatorStep, {}],
      [steps.accumulating!.discriminatorStep, {}],
    ]);
    expect(done.results.map(({ augmentProbability }) => augmentProbability)).toEqual([0, 0.125, 0.25]);
  });
});

describe("what it does", () => {
  const kinds = augmentationsOf("cutout,colour");
  const shape = [2, 3, 8, 8];
  const pixels = Float32Array.from({ length: 2 * 3 * 64 }, (_, i) => ((i * 37) % 101) / 101);
  const valuesOf = async (build: (x: Tensor, feeds: Map<Tensor, Values>) => Tensor): Promise<number[]> => {
    const [x, feeds] = [input("x", shape), new Map<Tensor, Values>()];
    feeds.set(x, pixels);
    return [...(await evaluate({ y: build(x, feeds) }, feeds)).y!].map(Number);
  };
  /** Columns of numbers, the same for both images, as they are without and with a probability. */
  const PLAIN = [0.3, 0.7, 0.9, 0.2, 0.6];
  const PERHAPS = [0.3, 0.7, 0.5, 0.9, 0.2, 0.6, 0.5];

  const augmented = (numbers: readonly number[], probability?: number): Promise<number[]> =>
    valuesOf((x, feeds) => {
      const random = input("random", [2, numbers.length]);
      feeds.set(random, Float32Array.from([...numbers, ...numbers]));
      const p = probability === undefined ? undefined : input("p", [1]);
      if (p) feeds.set(p, Float32Array.of(probability!));
      return augment(x, kinds, random, "symmetric", p);
    });

  it("ADA: nothing at 0, everything at 1, each augmentation for itself in between", async () => {
    expect(augmentationNumbers(kinds, true)).toBe(PERHAPS.length);
    const [none, all] = [await augmented(PERHAPS, 0), await augmented(PERHAPS, 1)];
    expect(none).toEqual([...pixels]);
    expect(all).toEqual(await augmented(PLAIN));
    const cutoutAlone = await augmented([0.3, 0.7, 0.1, 0.9, 0.2, 0.6, 0.9], 0.5);
    expect(cutoutAlone).not.toEqual(none);
    expect(cutoutAlone).not.toEqual(all);
    expect(cutoutAlone.filter((value, i) => value !== pixels[i]).every((value) => value === 0)).toBe(true);
  });

  it("APA: generated images and their classes in the place of real ones", async () => {
    const other = Float32Array.from(pixels, (value) => value + 10);
    const feeds = new Map<Tensor, TensorData>();
    const given = (
      name: string,
      size: readonly number[],
      values: readonly number[] | Float32Array,
    ): Tensor => {
      const tensor = input(name, size);
      feeds.set(tensor, Float32Array.from(values));
      return tensor;
    };
    const { images, classes } = withPseudoReals(
      { images: given("real", shape, pixels), classes: given("y", [2, 2], [1, 0, 1, 0]) },
      { images: given("fake", shape, other), classes: given("w", [2, 2], [0, 1, 0, 1]) },
      given("random", [2], [0.2, 0.6]),
      given("p", [1], [0.5]),
    );
    const out = await evaluate({ images, classes: classes! }, feeds as Map<Tensor, Values>);
    const half = pixels.length / 2;
    expect([...out.images!]).toEqual([...other.subarray(0, half), ...pixels.subarray(half)]);
    expect([...out.classes!].map(Number)).toEqual([0, 1, 1, 0]);
  });
});
