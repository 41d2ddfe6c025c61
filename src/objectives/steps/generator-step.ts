/**
 * The generator's step (compare_gan gans/ssgan.py): it is rewarded when its upright images are
 * taken for real ones, and by the pretext task. A loss or a task that pairs images is shown N real
 * ones too. For SS-GAN, which rewards it when the turns of its own images can be told:
 *
 *     one pass over [fake N; fake rotated 3n]            loss = L_G + α · CE(fake turns)
 */
import { add, mean, mul, sigmoid, type Tensor } from "../../graph/index.ts";
import { traceNetwork } from "../../nn/scope.ts";
import type { ImageBatch, Kind } from "../pretext/pretext-task.ts";
import { auxiliaryLosses } from "./auxiliary-step.ts";
import { StepFeeds } from "./draws.ts";
import { forward } from "./forward.ts";
import type { Parts } from "./parts.ts";
import { generatorGame, groupsOf, measuresOf, probabilitiesIn, withPretext } from "./step-losses.ts";
import type { TracedStep } from "./update-program.ts";

/** Trace the step. Feeds and results: see `Steps`. */
export function traceGeneratorStep(parts: Parts): TracedStep {
  const { generate, discriminator: network, inputs, augment, pretext } = parts;
  const feeds = new StepFeeds();
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);

  const input = inputs.latents(feeds);
  const made = { images: generate(generator.scope, input), classes: input.classes };
  const { ada } = probabilitiesIn(parts, discriminator.scope);
  const fake = augment(made, feeds, "augmentFake", ada);
  const batches: [Kind, ImageBatch][] = [["fake", fake]];
  if (parts.loss.pairs || pretext?.sees.generatorStep.includes("real"))
    batches.push(["real", augment(inputs.real(feeds), feeds, "augmentReal", ada)]);

  const output = forward(discriminator.scope, groupsOf(batches, "generatorStep", pretext, feeds), network);
  const task = pretext?.generatorLoss(output.seen, parts.loss.name);
  const adversarial = generatorGame(parts, output, task);
  let loss = withPretext(adversarial.loss, task, pretext, () => feeds.given("alpha", []));
  const auxiliary = auxiliaryLosses("generator", parts, feeds, {
    images: { fake },
    output,
    discriminator,
    generator,
    input,
    generated: made.images,
    generate: (z) => generate(generator.scope, { ...input, z }),
    augmentedAlike: (other) => augment({ ...made, images: other }, feeds, "augmentFake", ada).images,
  });
  for (const { value, weight } of auxiliary) loss = add(loss, mul(value, weight));
  const results: Record<string, Tensor> = {
    lossAdversarial: adversarial.loss,
    fake: mean(sigmoid(adversarial.logits)),
    ...Object.fromEntries(auxiliary.map(({ result, value }) => [result, value])),
    ...measuresOf(task, pretext),
    loss,
  };
  return { name: "generatorStep", feeds, results, loss, trained: generator, other: discriminator };
}
