/**
 * SSGAN-MS (Tran et al. 2019, arXiv 1911.06997, the multi-class minimax game; in the form of Hou et
 * al. 2021, ssgan-la train_fns.py): the rotation head has a fifth class for generated images,
 * whatever their turn. With c for its logits and beside the ordinary adversarial loss:
 *
 *     L_D += β · [CE(c(T_t x), t) + CE(c(T_t x̂), 4)]
 *     L_G += α · [CE(c(T_t x̂), t) − CE(c(T_t x̂), 4)]  =  −α · mean(c_t − c_4)
 *
 * The logarithms of sums cancel. The generator is rewarded only for turns of its images that can be
 * told and that look real, where SS-GAN rewards turns that can be told at all. Tran et al.
 * themselves train a Dist-GAN with a generator loss that matches the losses of real and generated
 * images; that is another method.
 */
import { add, concat, full, mean, mul, neg, sliceAxis, sub, sum, type Tensor } from "../../graph/index.ts";
import { accuracy, crossEntropy, labelsOf } from "./classification.ts";
import type { PretextDescription } from "./description.ts";
import type { PretextTask, SeenViews } from "./pretext-task.ts";
import { TURNS } from "./quarter-turn.ts";
import { QUARTER_TURNS, ROTATION } from "./rotation.ts";
import { multiplesOf, transformedViews } from "./transformations.ts";

/** The four turns, and "generated". */
const CLASSES = TURNS + 1;

const MULTI_CLASS: PretextDescription = {
  ...ROTATION,
  summary: "SSGAN-MS, rotation with a fifth class for generated images",
  kind: "A self-supervised GAN (SSGAN-MS, [arXiv 1911.06997](https://arxiv.org/abs/1911.06997)), whose discriminator has a second head that tells by which quarter turn an image was rotated, or that it is generated,",
  arxiv: "1911.06997",
};

const turnLogits = (logits: Tensor): Tensor => sliceAxis(logits, 1, 0, TURNS);
const fakeLogit = (logits: Tensor): Tensor => sliceAxis(logits, 1, TURNS, CLASSES);
const of = (seen: SeenViews | undefined) => ({
  logits: seen!.outputs[MULTI_CLASS.key]!,
  labels: labelsOf(seen!),
});

/** SSGAN-MS. */
export const rotationMs: PretextTask = {
  description: MULTI_CLASS,
  adversarial: { kind: "kept" },
  transformations: TURNS,
  multipleOf: multiplesOf(QUARTER_TURNS),
  sees: { discriminatorStep: ["real", "fake"], generatorStep: ["fake"] },
  heads: ({ linear }) => ({ [MULTI_CLASS.key]: linear(MULTI_CLASS.key, CLASSES) }),
  views: (batch, kind, options) => transformedViews(QUARTER_TURNS, batch, kind, options),
  discriminatorLoss(seen) {
    const [real, fake] = [of(seen.real), of(seen.fake)];
    const column = (x: Tensor, value: number): Tensor => full([x.shape[0]!, 1], value);
    const turns = concat([real.labels.oneHot, column(real.logits, 0)], 1);
    const generated = concat([full([fake.logits.shape[0]!, TURNS], 0), column(fake.logits, 1)], 1);
    const lossReal = crossEntropy(real.logits, { oneHot: turns });
    const lossFake = crossEntropy(fake.logits, { oneHot: generated });
    return {
      loss: add(lossReal, lossFake),
      measures: { lossReal, lossFake, accuracyReal: accuracy(turnLogits(real.logits), real.labels) },
    };
  },
  generatorLoss(seen) {
    const { logits, labels } = of(seen.fake);
    const own = sum(mul(labels.oneHot, turnLogits(logits)), [1], true);
    const lossFake = neg(mean(sub(own, fakeLogit(logits))));
    return { loss: lossFake, measures: { lossFake, accuracyFake: accuracy(turnLogits(logits), labels) } };
  },
  answers: (outputs) => turnLogits(outputs[MULTI_CLASS.key]!),
  transform: QUARTER_TURNS.apply,
};
