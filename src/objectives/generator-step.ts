/**
 * The generator's step (compare_gan gans/ssgan.py): it is rewarded when its upright images are taken for real ones, and when the turns
 * of its own images can be told. A loss that pairs images is shown N real ones too.
 *
 *     one pass over [fake N; fake turned 3n]            loss = L_G + α · CE(fake turns)
 */
import { mean, mul, sigmoid, type Tensor } from "../graph/index.ts";
import { traceNetwork } from "../nn/scope.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLoss } from "./adversarial.ts";
import { StepFeeds } from "./draws.ts";
import { show, supervised } from "./self-supervision.ts";
import type { StepSettings } from "./settings.ts";
import { augmented, drawnInput, generatedImages, realImages } from "./step-inputs.ts";
import type { TracedStep } from "./update-program.ts";

/** Trace the step. Feeds and results: see `Steps`. */
export function traceGeneratorStep(settings: StepSettings): TracedStep {
  const feeds = new StepFeeds();
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);

  const made = generatedImages(generator.scope, drawnInput(feeds, settings), settings, false);
  const fake = augmented(made, feeds, "augmentFake", settings);
  const adversarial: AdversarialLoss = ADVERSARIAL_LOSSES[settings.objective.loss];
  const real = adversarial.pairs
    ? [augmented(realImages(feeds, settings), feeds, "augmentReal", settings)]
    : [];
  const { upright, rotation } = show(discriminator.scope, [fake, ...real], settings);
  const [logits, realLogits] = upright as [Tensor, Tensor?];
  const lossAdversarial = adversarial.generator(logits, realLogits);
  const loss = supervised(lossAdversarial, rotation, settings, (ce) => mul(ce, feeds.given("alpha", [])));
  const results: Record<string, Tensor> = { lossAdversarial, fake: mean(sigmoid(logits)) };
  if (rotation)
    Object.assign(results, { rotationLossFake: rotation.loss, rotationAccuracyFake: rotation.accuracy });
  results.loss = loss;
  return { name: "generatorStep", feeds, results, loss, trained: generator, other: discriminator };
}
