/**
 * The discriminator's step (compare_gan gans/ssgan.py, gans/modular_gan.py). N real and N generated images, upright, go into the
 * adversarial loss; rotation is learned on real images only; the penalty has a pass of the discriminator of its own, after the one of
 * the losses, so that its power iterations are one further on.
 *
 *     one pass over [real N; real turned 3n; fake N]    loss = L_D + λ · penalty + β · CE(real turns)
 *
 * compare_gan also shows turned fakes to D here and throws the result away; they are left out. No layer of a discriminator mixes
 * images of a batch, so nothing else changes, and the accuracy on fakes is reported by the generator's step.
 */
import { add, concat, mean, mul, sigmoid, type Tensor } from "../graph/index.ts";
import type { NetworkTrace, Scope } from "../nn/scope.ts";
import { traceNetwork } from "../nn/scope.ts";
import { ADVERSARIAL_LOSSES } from "./adversarial.ts";
import { STREAMS, StepFeeds } from "./draws.ts";
import { judge } from "./networks.ts";
import type { Penalty } from "./penalties/penalty.ts";
import { PENALTIES } from "./penalties/registry.ts";
import { type Shown, show, supervised } from "./self-supervision.ts";
import type { StepSettings } from "./settings.ts";
import { augmented, drawnInput, generatedImages, realImages } from "./step-inputs.ts";
import type { TracedStep } from "./update-program.ts";

/**
 * Trace the step. Feeds and results: see `Steps`.
 * @param options `penalized: false` leaves the penalty out, for the steps between two that have it
 */
export function traceDiscriminatorStep(
  settings: StepSettings,
  { penalized = true }: { readonly penalized?: boolean } = {},
): TracedStep {
  const feeds = new StepFeeds();
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);
  const { scope } = discriminator;

  const real = augmented(realImages(feeds, settings), feeds, "augmentReal", settings);
  const made = generatedImages(generator.scope, drawnInput(feeds, settings), settings, true);
  const fake = augmented(made, feeds, "augmentFake", settings);

  const { upright, rotation } = show(scope, [real, fake], settings);
  const [realLogits, fakeLogits] = upright as [Tensor, Tensor];
  const adversarial = ADVERSARIAL_LOSSES[settings.objective.loss];
  const { real: lossReal, fake: lossFake } = adversarial.discriminator({
    real: realLogits,
    fake: fakeLogits,
  });
  const results: Record<string, Tensor> = {
    lossReal,
    lossFake,
    real: mean(sigmoid(realLogits)),
    fake: mean(sigmoid(fakeLogits)),
  };
  let loss = add(lossReal, lossFake);
  const penalty: Penalty | undefined = penalized ? PENALTIES[settings.objective.penalty] : undefined;
  if (penalty) {
    const value = penalise(penalty, { real, fake }, discriminator, feeds, settings);
    loss = add(loss, mul(value, feeds.given("lambda", [])));
    results.penalty = value;
  }
  loss = supervised(loss, rotation, settings, (ce) => mul(ce, feeds.given("beta", [])));
  if (rotation)
    Object.assign(results, { rotationLossReal: rotation.loss, rotationAccuracyReal: rotation.accuracy });
  results.loss = loss;
  const name = penalized ? "discriminatorStep" : "discriminatorStep (unpenalized)";
  return { name, feeds, results, loss, trained: discriminator, other: generator };
}

function penalise(
  penalty: Penalty,
  shown: Readonly<Record<"real" | "fake", Shown>>,
  discriminator: NetworkTrace,
  feeds: StepFeeds,
  settings: StepSettings,
): Tensor {
  const scope: Scope = discriminator.scope;
  return penalty.build({
    real: shown.real.images,
    fake: shown.fake.images,
    critic(images, like = ["real"]) {
      const told = like.flatMap((kind) => shown[kind].classes ?? []);
      const classes = told.length > 0 ? concat(told, 0) : undefined;
      return judge(scope, [images], settings, { classes: [classes], heads: "real" }).real;
    },
    kernels: discriminator.parameters.flatMap(({ name, leaf }) => (name.endsWith("/kernel") ? [leaf] : [])),
    draw: (name, shape, values) => feeds.draw(STREAMS.penalty, name, shape, values),
  });
}
