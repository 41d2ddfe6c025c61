/**
 * DAGAN and DAGAN-MD (the ablations of Hou et al. 2021, arXiv 2106.08601, in ssgan-la train_fns.py;
 * multiple discriminators after Tran et al. 2021, DAG, arXiv 2006.05338): the adversarial loss is
 * of real and of generated images in every quarter turn, and of nothing else. With d and g for what
 * the adversarial loss makes of real and generated logits in the discriminator's step, T_t for a
 * rotation by t quarter turns:
 *
 *     DAGAN      one logit l            L_D = mean_t d(l(T_t x), l(T_t x̂))         L_G = mean_t g(l(T_t x̂))
 *     DAGAN-MD   a logit l_t a turn     L_D = mean_t d(l_t(T_t x), l_t(T_t x̂))     L_G = mean_t g(l_t(T_t x̂))
 *
 * The one logit of DAGAN tells the mean distribution of rotated images from that of rotated
 * generated ones, so a generator of turned images is as good to it as one of upright ones. Each
 * logit of DAGAN-MD compares images of one turn, and a turn loses nothing, so each has its optimum
 * at the data alone. Neither asks by which turn an image was rotated: they are what SSGAN-LA is
 * without that question.
 */
import { add, mul, sliceAxis, sum, type Tensor } from "../../graph/index.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLoss, type AdversarialLossName } from "../adversarial.ts";
import { labelsOf } from "./classification.ts";
import type { PretextDescription } from "./description.ts";
import type { AdversarialTaskLoss, PretextTask, SeenViews } from "./pretext-task.ts";
import { TURNS } from "./quarter-turn.ts";
import { QUARTER_TURNS, ROTATION } from "./rotation.ts";
import { multiplesOf, transformedViews } from "./transformations.ts";

/**
 * The losses of single images. One that compares a real image with a generated one would need
 * rotated real ones in the generator's step.
 */
const LOSSES = Object.entries<AdversarialLoss>(ADVERSARIAL_LOSSES).flatMap(([name, { pairs }]) =>
  pairs ? [] : [name],
);
const lossOf = (name: string): AdversarialLoss => ADVERSARIAL_LOSSES[name as AdversarialLossName];

/**
 * The adversarial game in every turn.
 * @param outputs 1 for one logit, or one for each turn
 */
function turnedAdversarial(description: PretextDescription, outputs: 1 | typeof TURNS): PretextTask {
  const { key } = description;
  /** The logit of each image for its own turn, [M, 1]. */
  const own = (seen: SeenViews | undefined): Tensor => {
    const logits = seen!.outputs[key]!;
    return outputs === 1 ? logits : sum(mul(labelsOf(seen!).oneHot, logits), [1], true);
  };
  return {
    description,
    adversarial: {
      kind: "replaced",
      losses: LOSSES,
      // An image that is shown as it is stands for turn 0.
      score: ({ [key]: logits }) => sliceAxis(logits!, 1, 0, 1),
    },
    transformations: TURNS,
    multipleOf: multiplesOf(QUARTER_TURNS),
    sees: { discriminatorStep: ["real", "fake"], generatorStep: ["fake"] },
    heads: ({ linear }) => ({ [key]: linear(key, outputs) }),
    views: (batch, kind, options) => transformedViews(QUARTER_TURNS, batch, kind, options),
    discriminatorLoss(seen, loss): AdversarialTaskLoss {
      const logits = { real: own(seen.real), fake: own(seen.fake) };
      const shares = lossOf(loss).discriminator(logits);
      return { loss: add(shares.real, shares.fake), shares, logits, measures: {} };
    },
    generatorLoss(seen, loss): AdversarialTaskLoss {
      const fake = own(seen.fake);
      return { loss: lossOf(loss).generator(fake, undefined), logits: { fake }, measures: {} };
    },
    transform: QUARTER_TURNS.apply,
  };
}

const TURNED: PretextDescription = {
  ...ROTATION,
  key: "turned",
  title: "Turned",
  answers: false,
  tellsQuarterTurns: false,
  weighted: false,
  summary: "DAGAN, the adversarial loss of images in all four quarter turns, and no question about turns",
  question: "whether an image is real, in each of its four quarter turns",
  limitation:
    "The discriminator was shown images in all four quarter turns, so to its score a rotated image is as real as an upright one.",
  kind: "A GAN with rotation as augmentation (DAGAN, [arXiv 2106.08601](https://arxiv.org/abs/2106.08601)), whose discriminator compares real and generated images in all four quarter turns,",
  arxiv: "2106.08601",
  metadata: {},
};

/** DAGAN: one logit for images in whatever turn. */
export const rotationDa: PretextTask = turnedAdversarial(TURNED, 1);

/** DAGAN-MD: a logit for each turn. */
export const rotationDaMd: PretextTask = turnedAdversarial(
  {
    ...TURNED,
    summary: "DAGAN-MD, the same with a real/fake logit for each turn",
    limitation:
      "The discriminator has a real/fake logit for each quarter turn, and its score is that for upright images; of rotated ones it says nothing.",
    kind: "A GAN with rotation as augmentation and multiple discriminators (DAGAN-MD, [arXiv 2106.08601](https://arxiv.org/abs/2106.08601)), whose discriminator has a real/fake logit for each quarter turn,",
  },
  TURNS,
);
