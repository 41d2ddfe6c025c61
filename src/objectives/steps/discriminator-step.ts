/**
 * The discriminator's step (compare_gan gans/ssgan.py, gans/modular_gan.py). N real and N generated
 * images, upright, go into the adversarial loss; the pretext task adds its own; the penalty has a
 * pass of the discriminator of its own, after the one of the losses, so that its power iterations
 * are one further on. For SS-GAN, whose rotation is learned on real images only:
 *
 *     one pass over [real N; real rotated 3n; fake N]    loss = L_D + λ · penalty + β · CE(real turns)
 *
 * compare_gan also shows rotated fakes to D here and throws the result away; they are left out. No
 * layer of a discriminator mixes images of a batch, so nothing else changes, and the accuracy on
 * fakes is reported by the generator's step.
 */
import { add, concat, mean, mul, reshape, sigmoid, stopGradient, type Tensor } from "../../graph/index.ts";
import type { NetworkTrace } from "../../nn/scope.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { moveProbability, withPseudoReals } from "../augment/adaptive.ts";
import type { Discriminator } from "../networks.ts";
import { dueName, type PenaltyTerm, penaltyResult } from "../penalties/list.ts";
import type { Penalty } from "../penalties/penalty.ts";
import type { ImageBatch, Kind } from "../pretext/pretext-task.ts";
import { auxiliaryLosses } from "./auxiliary-step.ts";
import { STREAMS, StepFeeds } from "./draws.ts";
import { forward } from "./forward.ts";
import type { Parts } from "./parts.ts";
import { discriminatorGame, groupsOf, measuresOf, probabilitiesIn, withPretext } from "./step-losses.ts";
import type { TracedStep } from "./update-program.ts";

/**
 * Trace the step. Feeds and results: see `Steps`.
 * @param due the penalties that it has; fewer than all of the parts' in updates between those with
 * all of them
 */
export function traceDiscriminatorStep(
  parts: Parts,
  due: readonly PenaltyTerm[] = parts.penalties,
): TracedStep {
  const { generate, discriminator: network, inputs, augment, pretext } = parts;
  const feeds = new StepFeeds();
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);

  const { ada, apa } = probabilitiesIn(parts, discriminator.scope);
  const probability = ada ?? apa;
  const given = inputs.real(feeds);
  // Numbers are drawn in this order, which is that of runs of before. Where generated images stand for some real ones, these are awaited.
  const early = apa ? given : augment(given, feeds, "augmentReal", ada);
  const input = inputs.latents(feeds);
  const images = stopGradient(generate(generator.scope, input));
  const made = { images, classes: input.classes };
  const real = apa ? augment(pseudoReals(given, made, feeds, apa), feeds, "augmentReal") : early;
  const fake = augment(made, feeds, "augmentFake", ada);

  const shown = groupsOf(
    [
      ["real", real],
      ["fake", fake],
    ],
    "discriminatorStep",
    pretext,
    feeds,
  );
  const output = forward(discriminator.scope, shown, network);
  const task = pretext?.discriminatorLoss(output.seen, parts.loss.name);
  const { shares, logits } = discriminatorGame(parts, output, task);
  if (parts.adaptive)
    moveProbability(discriminator.scope, logits.real, given.images.shape[0]!, parts.adaptive);
  const results: Record<string, Tensor> = {
    lossReal: shares.real,
    lossFake: shares.fake,
    real: mean(sigmoid(logits.real)),
    fake: mean(sigmoid(logits.fake)),
    ...(probability && { augmentProbability: reshape(probability, []) }),
  };
  let loss = add(shares.real, shares.fake);
  for (const { name, penalty, weight, every } of due) {
    const value = penalize(penalty, { real, fake }, network, discriminator, feeds);
    loss = add(loss, mul(value, weight === undefined ? feeds.given("lambda", []) : weight * every));
    results[weight === undefined ? "penalty" : penaltyResult(name)] = value;
  }
  loss = withPretext(loss, task, pretext, () => feeds.given("beta", []));
  const auxiliary = auxiliaryLosses("discriminator", parts, feeds, {
    images: { real, fake },
    output,
    discriminator,
    generator,
    input,
    generated: images,
    generate: (z) => stopGradient(generate(generator.scope, { ...input, z })),
    augmentedAlike: (other) => augment({ ...made, images: other }, feeds, "augmentFake", ada).images,
  });
  for (const { value, weight } of auxiliary) loss = add(loss, mul(value, weight));
  for (const { result, value } of auxiliary) results[result] = value;
  Object.assign(results, measuresOf(task, pretext), { loss });
  const name =
    due.length < parts.penalties.length
      ? `discriminatorStep (${dueName(due) || "unpenalized"})`
      : "discriminatorStep";
  return { name, feeds, results, loss, trained: discriminator, other: generator };
}

function penalize(
  penalty: Penalty,
  shown: Readonly<Record<Kind, ImageBatch>>,
  network: Discriminator,
  { scope, parameters }: NetworkTrace,
  feeds: StepFeeds,
): Tensor {
  return penalty.build({
    real: shown.real.images,
    fake: shown.fake.images,
    logitsOf(images, like = ["real"]) {
      const known = like.flatMap((kind) => shown[kind].classes ?? []);
      const classes = known.length > 0 ? concat(known, 0) : undefined;
      return network.apply(scope, [{ images, classes }], "adversarial").logits;
    },
    kernels: parameters.flatMap(({ name, leaf }) => (name.endsWith("/kernel") ? [leaf] : [])),
    draw: (name, shape, values) => feeds.draw(STREAMS.penalty, name, shape, values),
  });
}

/** Real images, some of which are generated ones by chance. */
const pseudoReals = (
  real: ImageBatch,
  generated: ImageBatch,
  feeds: StepFeeds,
  probability: Tensor,
): ImageBatch =>
  withPseudoReals(
    real,
    generated,
    feeds.draw(STREAMS.augmentation, "pseudo", [real.images.shape[0]!], "uniform"),
    probability,
  );
