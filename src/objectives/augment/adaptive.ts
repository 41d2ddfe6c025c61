/**
 * How much is augmented, by how much the discriminator overfits. A discriminator that takes every
 * training image for real, r_t = E[sign l(x)] near 1, knows them by heart; it is then shown more of
 * what hides them, with probability p, which is a state of the run:
 *
 *     e ← ¾ e + ¼ (mean sign l(x) − target),   p ← min(1, max(0, p + sign(e) · N / (1000 · K)))
 *
 * in each update of the discriminator with N real images, K thousand images from p = 0 to p = 1.
 *
 * - ADA (Karras et al. 2020, arXiv 2006.06676): each augmentation changes an image with probability
 *   p, and not otherwise.
 * - APA (Jiang et al. 2021, arXiv 2111.06849): with probability p a generated image takes the place
 *   of a real one.
 *
 * Both publications adjust p every four batches by the mean over these; here a moving average over
 * about as many is looked at in every update, so that p, with the average, is all there is to
 * remember.
 */
import {
  add,
  cast,
  greater,
  maximum,
  mean,
  minimum,
  mul,
  reshape,
  stopGradient,
  sub,
  type Tensor,
} from "../../graph/index.ts";
import { zeros } from "../../nn/initializers.ts";
import type { Scope } from "../../nn/scope.ts";
import type { ImageBatch } from "../pretext/pretext-task.ts";
import { exchange } from "./exchange.ts";

/** By the names users give. */
export const ADAPTIVE_CHOICES = ["none", "ada", "apa"] as const;
export type AdaptiveChoice = (typeof ADAPTIVE_CHOICES)[number];

/** How the probability moves. */
export interface AdaptiveSettings {
  readonly adaptive: AdaptiveChoice;
  /** r_t that is aimed at, in (−1, 1). */
  readonly adaptiveTarget: number;
  /** Thousands of real images from p = 0 to p = 1. */
  readonly adaptiveImages: number;
}

/** Share of the old average of the excess that is kept in an update. */
const KEPT = 0.75;

/** A network's place for the state. */
const place = (discriminator: Scope): Scope => discriminator.child("adaptive");

/**
 * The probability p, [1], as it is now. Asks for all of the state.
 * @param discriminator the network's scope
 */
export function probabilityOf(discriminator: Scope): Tensor {
  const scope = place(discriminator);
  scope.buffer("excess", [1], zeros);
  return scope.buffer("probability", [1], zeros);
}

const signOf = (x: Tensor): Tensor => sub(cast(greater(x, 0), "float32"), cast(greater(0, x), "float32"));

/**
 * Move the probability by what the discriminator said of real images.
 * @param logits [N, 1] of the images that were shown as real
 * @param count real images of the update that they are of
 */
export function moveProbability(
  discriminator: Scope,
  logits: Tensor,
  count: number,
  { adaptiveTarget, adaptiveImages }: AdaptiveSettings,
): void {
  const scope = place(discriminator);
  const p = probabilityOf(discriminator);
  const excess = sub(mean(signOf(stopGradient(logits))), adaptiveTarget);
  const next = add(mul(scope.buffer("excess", [1], zeros), KEPT), mul(excess, 1 - KEPT));
  const step = mul(signOf(next), count / (1000 * adaptiveImages));
  scope.update("excess", next);
  scope.update("probability", minimum(maximum(add(p, step), 0), 1));
}

/**
 * A batch in which generated images stand for some real ones, with their classes.
 * @param random uniform in [0, 1), [N] @param p [1]
 */
export function withPseudoReals(
  real: ImageBatch,
  generated: ImageBatch,
  random: Tensor,
  p: Tensor,
): ImageBatch {
  const count = real.images.shape[0]!;
  const chosen = cast(greater(p, random), "float32");
  const mix = (a: Tensor, b: Tensor): Tensor =>
    exchange(a, b, reshape(chosen, [count, ...a.shape.slice(1).map(() => 1)]));
  return {
    images: mix(real.images, generated.images),
    classes: real.classes && generated.classes && mix(real.classes, generated.classes),
  };
}
