/** Configuration of a run: adam and how its rates change over the run. */
import { z } from "zod";
import { COMPARE_GAN, count, fraction, MIMICRY, notes, OURS } from "./notes.ts";

/** How learning rates change over a run. */
export const DECAYS = ["none", "linear", "cosine", "exponential", "staircase"] as const;

/** `optimizer.…` */
export const optimizerSection = z.strictObject({
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .default(2e-4)
    .meta(notes("", MIMICRY, "Adam's step size, for both networks.")),
  discriminatorLearningRate: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(null)
    .meta(notes("", OURS, "Adam's step size for the discriminator, if another one; null: the same.")),
  beta1: fraction()
    .default(0)
    .meta(notes("", MIMICRY, "Adam's decay of the first moment.")),
  beta2: fraction()
    .default(0.9)
    .meta(notes("", MIMICRY, "Adam's decay of the second moment.")),
  beta2End: fraction()
    .nullable()
    .default(null)
    .meta(notes("", OURS, "beta2 at the last step, reached as training.curve says; null: constant.")),
  decay: z
    .enum(DECAYS)
    .default("none")
    .meta(
      notes(
        "",
        COMPARE_GAN,
        "Learning rates over the run: constant; in a line, or along half a cosine, to decayFloor at the last step; by decayRate every decayEvery steps, smoothly (exponential) or at once (staircase).",
      ),
    ),
  decayStart: z
    .int()
    .min(0)
    .default(0)
    .meta(notes("generator steps", OURS, "The learning rates are constant until this step.")),
  decayRate: z
    .number()
    .gt(0)
    .max(1)
    .default(0.96)
    .meta(
      notes(
        "",
        "zhangqianhui Model.py",
        "Factor of an exponential or staircase decay, for decayEvery steps.",
      ),
    ),
  decayEvery: count()
    .default(5000)
    .meta(
      notes(
        "generator steps",
        "zhangqianhui Model.py",
        "Steps for which decayRate is the factor of an exponential or staircase decay.",
      ),
    ),
  decayFloor: fraction()
    .default(0)
    .meta(
      notes(
        "",
        OURS,
        "Share of the learning rates that is left at the last step of a linear or cosine decay.",
      ),
    ),
});
