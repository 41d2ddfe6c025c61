/**
 * SSGAN-LA (Hou et al. 2021, arXiv 2106.08601, "Self-supervised GANs with label augmentation"): one
 * head of 8 outputs tells by which quarter turn an image was rotated and whether it is real, and
 * there is no other head. Class 2t is "real, rotated by t", class 2t + 1 is "generated, rotated by
 * t". With a for its logits:
 *
 *     cross-entropy   L_D = CE(a(T_t x), 2t) + CE(a(T_t x̂), 2t + 1)
 *                     L_G = CE(a(T_t x̂), 2t) − CE(a(T_t x̂), 2t + 1)  =  −mean(a_2t − a_2t+1)
 *     multi-hinge     L_D = the mean over images and the 7 wrong classes k of max(0, 1 − a_y + a_k),
 *                           for real images (y = 2t) plus for generated ones (y = 2t + 1)
 *                     L_G = −(8/7) · mean(a_2t − a_2t+1)
 *
 * The logarithms of sums cancel in the first L_G; in the second, mean_{k≠2t}(a_k − a_2t) −
 * mean_{k≠2t+1}(a_k − a_2t+1) leaves 8/7 of the same difference. So SSGAN-LA is a GAN with a
 * real/fake logit for each turn, a_2t − a_2t+1. Its losses have the forms of the adversarial losses
 * that they generalize: multi-hinge where that is `hinge`, cross-entropy where it is
 * `non-saturating`. SSGAN-LA+ keeps the ordinary head and loss on upright images and adds the
 * above, weighed by β and α.
 */
import {
  add,
  constant,
  mean,
  mul,
  neg,
  relu,
  reshape,
  sliceAxis,
  softplus,
  sub,
  sum,
  type Tensor,
} from "../../graph/index.ts";
import { accuracy, crossEntropy, labelsOf } from "./classification.ts";
import type { PretextDescription } from "./description.ts";
import type { AdversarialRole, AdversarialTaskLoss, Labels, PretextTask, SeenViews } from "./pretext-task.ts";
import { TURNS } from "./quarter-turn.ts";
import { QUARTER_TURNS, ROTATION } from "./rotation.ts";
import { multiplesOf, transformedViews } from "./transformations.ts";

/** Real and generated. */
const KINDS = 2;
const CLASSES = KINDS * TURNS;

/** Logits [M, 8] as those of "real" and of "generated", [M, 4] each. */
function byKind(logits: Tensor): { readonly real: Tensor; readonly fake: Tensor } {
  const m = logits.shape[0]!;
  const pairs = reshape(logits, [m, TURNS, KINDS]);
  const of = (kind: number): Tensor => reshape(sliceAxis(pairs, 2, kind, kind + 1), [m, TURNS]);
  return { real: of(0), fake: of(1) };
}

/** Rows [M, 8] of class 2t (`real`) or 2t + 1 (`fake`) for turns t as one-hot rows [M, 4]. */
function classes({ oneHot }: Labels, kind: "real" | "fake"): Tensor {
  const m = oneHot.shape[0]!;
  const pair = constant(kind === "real" ? [1, 0] : [0, 1], [1, 1, KINDS]);
  return reshape(mul(reshape(oneHot, [m, TURNS, 1]), pair), [m, CLASSES]);
}

/** Logits [M, 4] of the turns, whether real or generated: log(e^a_2t + e^a_2t+1). */
function turnLogits(logits: Tensor): Tensor {
  const { real, fake } = byKind(logits);
  return add(real, softplus(sub(fake, real)));
}

/** The real/fake logit of each image for its own turn, a_2t − a_2t+1: [M, 1]. */
function ownLogit(logits: Tensor, { oneHot }: Labels): Tensor {
  const { real, fake } = byKind(logits);
  return sum(mul(oneHot, sub(real, fake)), [1], true);
}

/**
 * The mean over images and wrong classes of max(0, 1 − a_y + a_k).
 * @param oneHot of the right classes, [M, 8]
 */
function multiHinge(logits: Tensor, oneHot: Tensor): Tensor {
  const right = sum(mul(oneHot, logits), [1], true);
  const wrong = mul(sub(1, oneHot), relu(add(sub(logits, right), 1)));
  return mul(sum(wrong), 1 / ((CLASSES - 1) * logits.shape[0]!));
}

/** Forms of the loss by the adversarial loss that they generalize. */
const FORMS = {
  hinge: { discriminator: multiHinge, generator: CLASSES / (CLASSES - 1) },
  "non-saturating": {
    discriminator: (logits: Tensor, oneHot: Tensor): Tensor => crossEntropy(logits, { oneHot }),
    generator: 1,
  },
} as const;

function labelAugmented(
  description: PretextDescription,
  adversarial: AdversarialRole,
  form: (loss: string) => (typeof FORMS)[keyof typeof FORMS],
): PretextTask {
  const { key } = description;
  const of = (seen: SeenViews | undefined) => ({ logits: seen!.outputs[key]!, labels: labelsOf(seen!) });
  return {
    description,
    adversarial,
    transformations: TURNS,
    multipleOf: multiplesOf(QUARTER_TURNS),
    sees: { discriminatorStep: ["real", "fake"], generatorStep: ["fake"] },
    heads: ({ linear }) => ({ [key]: linear(key, CLASSES) }),
    views: (batch, kind, options) => transformedViews(QUARTER_TURNS, batch, kind, options),
    discriminatorLoss(seen, loss): AdversarialTaskLoss {
      const [real, fake] = [of(seen.real), of(seen.fake)];
      const lossOf = form(loss).discriminator;
      const shares = {
        real: lossOf(real.logits, classes(real.labels, "real")),
        fake: lossOf(fake.logits, classes(fake.labels, "fake")),
      };
      const total = add(shares.real, shares.fake);
      const beside = adversarial.kind === "replaced" ? {} : { lossReal: total };
      return {
        loss: total,
        shares,
        logits: { real: ownLogit(real.logits, real.labels), fake: ownLogit(fake.logits, fake.labels) },
        measures: { ...beside, accuracyReal: accuracy(turnLogits(real.logits), real.labels) },
      };
    },
    generatorLoss(seen, loss): AdversarialTaskLoss {
      const { logits, labels } = of(seen.fake);
      const fake = ownLogit(logits, labels);
      const total = mul(neg(mean(fake)), form(loss).generator);
      const beside = adversarial.kind === "replaced" ? {} : { lossFake: total };
      return {
        loss: total,
        logits: { fake },
        measures: { ...beside, accuracyFake: accuracy(turnLogits(logits), labels) },
      };
    },
    answers: (outputs) => turnLogits(outputs[key]!),
    transform: QUARTER_TURNS.apply,
  };
}

const SOURCE = {
  arxiv: "2106.08601",
  metadata: {
    ...ROTATION.metadata,
    rotationMeaning: "log of the sum of the likelihoods of real and of generated images of a turn",
  },
};

/** SSGAN-LA: the only head. */
export const rotationLa: PretextTask = labelAugmented(
  {
    ...{ ...ROTATION, ...SOURCE, weighted: false },
    summary: "SSGAN-LA, one head of 8 classes for turn and real or generated in place of the real/fake head",
    unlearnable: ROTATION.unlearnable.replace("objective.beta and ", ""),
    kind: "A self-supervised GAN with label augmentation (SSGAN-LA, [arXiv 2106.08601](https://arxiv.org/abs/2106.08601)), whose discriminator tells at once by which quarter turn an image was rotated and whether it is real,",
  },
  {
    kind: "replaced",
    losses: Object.keys(FORMS),
    // An image that is shown as it is stands for turn 0.
    score({ [ROTATION.key]: logits }) {
      const { real, fake } = byKind(logits!);
      return sub(sliceAxis(real, 1, 0, 1), sliceAxis(fake, 1, 0, 1));
    },
  },
  (loss) => FORMS[loss as keyof typeof FORMS],
);

/**
 * SSGAN-LA+: beside the ordinary head; cross-entropy, as published for CIFAR-10, whatever the
 * adversarial loss is.
 */
export const rotationLaPlus: PretextTask = labelAugmented(
  {
    ...{ ...ROTATION, ...SOURCE },
    summary: "SSGAN-LA+, such a head beside the real/fake head",
    kind: "A self-supervised GAN with label augmentation (SSGAN-LA+, [arXiv 2106.08601](https://arxiv.org/abs/2106.08601)), whose discriminator has a second head that tells at once by which quarter turn an image was rotated and whether it is real,",
  },
  { kind: "kept" },
  () => FORMS["non-saturating"],
);
