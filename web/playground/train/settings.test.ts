/** From choices to a configuration and back. */
import { expect, it } from "vitest";
import { AUGMENTED, DEFAULT_CHOICES } from "./choices.ts";
import { choicesOf, configOf } from "./settings.ts";

it.each([
  {},
  { task: false, batchSize: 32 },
  { loss: "wasserstein", spectralNorm: false, width: 8, seed: 7 },
  { device: "webgpu", learningRate: 0.002 } as const,
  { augment: AUGMENTED },
])("%o: the choices come back out of the configuration", (change) => {
  const choices = { ...DEFAULT_CHOICES, ...change };
  const config = configOf(choices, true);
  expect(choicesOf(config)).toEqual(choices);
  expect(config.objective.selfSupervision).toBe(choices.task ? "rotation" : "none");
});

it("runs that differ in the pretext task alone begin with the same seed and images", () => {
  const [a, b] = [true, false].map((task) => configOf({ ...DEFAULT_CHOICES, task }, true));
  expect({ ...b!, objective: undefined }).toEqual({ ...a!, objective: undefined });
});
