/** Settings of a training in the page's address, and back. */
import { describe, expect, it } from "vitest";
import { formatPlace, START } from "../generate/place.ts";
import { AUGMENTED, DEFAULT_CHOICES } from "./choices.ts";
import { formatTrainPlace, parseTrainPlace, TRAIN_NAMES } from "./place.ts";

describe("the settings of a training", () => {
  it.each([
    {},
    { task: false, spectralNorm: false, augment: AUGMENTED },
    { width: 8, batchSize: 64, learningRate: 0.0005, steps: 123, seed: 9 },
    { loss: "wasserstein", device: "webgpu" } as const,
  ])("%o come back out of the address, with the images", (change) => {
    const place = { choices: { ...DEFAULT_CHOICES, ...change }, builtIn: true };
    const text = formatTrainPlace(place).toString();
    expect(parseTrainPlace(new URLSearchParams(text))).toEqual(place);
    expect([...new URLSearchParams(text).keys()]).toHaveLength(Object.keys(change).length + 1);
  });

  it("that make no sense are as at the start", () => {
    const text =
      "width=17&batch=x&rate=9&steps=1.5&run-seed=-1&loss=none&rotation=perhaps&device=tpu&images=mine";
    expect(parseTrainPlace(new URLSearchParams(text))).toEqual({ choices: DEFAULT_CHOICES, builtIn: false });
  });

  it("have names that the generator's view has not", () => {
    const all = {
      ...START,
      seed: 1,
      truncation: 1,
      label: 1,
      chosen: 1,
      latent: Float32Array.of(1),
      a: 2,
      b: 3,
    };
    for (const name of ["model", ...formatPlace(all).keys()]) expect(TRAIN_NAMES).not.toContain(name);
  });
});
