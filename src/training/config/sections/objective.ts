/** Configuration of a run: the losses (adversarial, self-supervised, penalty) and their weights. */
import { z } from "zod";
import { ADVERSARIAL_LOSSES, type AdversarialLossName } from "../../../objectives/adversarial.ts";
import { AUXILIARIES_IN_WORDS } from "../../../objectives/auxiliary/registry.ts";
import { PENALTY_NAMES } from "../../../objectives/penalties/registry.ts";
import { SELF_SUPERVISIONS, TASKS_IN_WORDS, USUAL_TASK } from "../../../objectives/pretext/registry.ts";
import { TURN_CHOICES } from "../../../objectives/settings.ts";
import { COMPARE_GAN, MIMICRY, notes, OURS, paper } from "./notes.ts";

/** `objective.…` */
export const objectiveSection = z.strictObject({
  loss: z
    .enum(Object.keys(ADVERSARIAL_LOSSES) as AdversarialLossName[])
    .default("hinge")
    .meta(notes("", MIMICRY, "Adversarial loss.")),
  selfSupervision: z
    .enum(SELF_SUPERVISIONS)
    .default(USUAL_TASK)
    .meta(notes("", paper("§3"), TASKS_IN_WORDS)),
  turns: z
    .enum(TURN_CHOICES)
    .default("all")
    .meta(
      notes(
        "",
        `${COMPARE_GAN} ssgan.py`,
        "all: some images in all four turns (or other transformations), in one pass with the others. one: each image in one turn, in a pass of its own (mimicry).",
      ),
    ),
  alpha: z
    .number()
    .min(0)
    .default(0.2)
    .meta(
      notes(
        "",
        `${COMPARE_GAN} ssgan.py`,
        "Weight of the pretext task's loss of generated images in the generator's loss.",
      ),
    ),
  alphaEnd: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .meta(
      notes(
        "",
        OURS,
        "alpha at the last step, reached as training.curve says; null: constant. At 0 the generator's optimum is the data again (paper §3).",
      ),
    ),
  beta: z
    .number()
    .min(0)
    .default(1)
    .meta(
      notes(
        "",
        `${COMPARE_GAN} ssgan.py`,
        "Weight of the pretext task's loss in the discriminator's loss; of SS-GAN on real images.",
      ),
    ),
  betaEnd: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .meta(notes("", OURS, "beta at the last step, reached as training.curve says; null: constant.")),
  rotatedBatch: z
    .int()
    .min(4)
    .multipleOf(4)
    .default(64)
    .meta(
      notes(
        "images",
        MIMICRY,
        "Images the pretext task sees in an update, rotated or otherwise transformed. turns=all: a quarter of it (of K transformations 1/K) is taken from the batch; turns=one: all of it.",
      ),
    ),
  penalty: z
    .enum(PENALTY_NAMES)
    .default("none")
    .meta(
      notes(
        "",
        MIMICRY,
        "Penalty in the discriminator's loss: on its slope between real and generated images (wgan-gp), around real ones (dragan), on its kernels (l2), or on its slope at real images (r1), or at real and generated ones (r1-r2).",
      ),
    ),
  lambda: z
    .number()
    .min(0)
    .default(0)
    .meta(
      notes(
        "",
        MIMICRY,
        "Weight of the penalty. With a penalty and nothing given it is 1, compare_gan's default.",
      ),
    ),
  lambdaEnd: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .meta(notes("", OURS, "lambda at the last step, reached as training.curve says; null: constant.")),
  penaltyEvery: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .meta(
      notes(
        "discriminator steps",
        COMPARE_GAN,
        "How often the penalty is computed; its weight is multiplied by this, so that it pulls as hard on average and costs less (Karras et al. 2020, lazy regularization).",
      ),
    ),
  penalties: z
    .string()
    .default("none")
    .meta(
      notes(
        "",
        OURS,
        "Several penalties at once in place of penalty, lambda and penaltyEvery, as r1:5/16,l2:0.0001: name, weight, and every how many discriminator steps (1 where it is left out).",
      ),
    ),
  auxiliary: z
    .string()
    .default("none")
    .meta(
      notes(
        "",
        OURS,
        `Losses added beside the adversarial one, as cr:10,lecam:0.3: name and weight, with published weights ${AUXILIARIES_IN_WORDS}. A second weight is the generator's.`,
      ),
    ),
});
