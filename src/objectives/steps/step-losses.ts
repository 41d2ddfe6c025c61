/** How a step puts the adversarial loss and the pretext task together. */
import { add, mul, type Tensor } from "../../graph/index.ts";
import type { Scope } from "../../nn/scope.ts";
import { probabilityOf } from "../augment/adaptive.ts";
import { resultName } from "../pretext/description.ts";
import type { AdversarialTaskLoss, ImageBatch, Kind } from "../pretext/pretext-task.ts";
import type { StepFeeds } from "./draws.ts";
import type { Forward, Group } from "./forward.ts";
import type { Parts, Pretext } from "./parts.ts";

/**
 * Batches in the order in which the step shows them, with the views that the task wants of those it
 * sees.
 */
export const groupsOf = (
  batches: readonly (readonly [Kind, ImageBatch])[],
  step: "discriminatorStep" | "generatorStep",
  pretext: Pretext | undefined,
  feeds: StepFeeds,
): Group[] =>
  batches.map(([kind, batch]) => ({
    kind,
    batch,
    views: pretext?.sees[step].includes(kind) ? pretext.viewsOf(batch, kind, feeds) : undefined,
  }));

/** The probability of an adaptive augmentation, [1], under the name of what it is of. */
export function probabilitiesIn(
  { adaptive }: Parts,
  discriminator: Scope,
): { readonly ada?: Tensor; readonly apa?: Tensor } {
  if (!adaptive) return {};
  const probability = probabilityOf(discriminator);
  return adaptive.adaptive === "ada" ? { ada: probability } : { apa: probability };
}

/** The adversarial game of the discriminator's step. */
export interface DiscriminatorGame {
  /** The two shares whose sum is minimized, scalars. */
  readonly shares: Readonly<Record<Kind, Tensor>>;
  /** Real/fake logits [M, 1]. */
  readonly logits: Readonly<Record<Kind, Tensor>>;
}

/** The discriminator's adversarial loss, or what the task has in its place. */
export function discriminatorGame(
  { loss, pretext }: Parts,
  { logits, scores }: Forward,
  task: AdversarialTaskLoss | undefined,
): DiscriminatorGame {
  if (pretext?.adversarial === "replaced") {
    if (!task?.shares || !task.logits?.real) throw missing(pretext);
    return { shares: task.shares, logits: { real: task.logits.real, fake: task.logits.fake } };
  }
  return {
    shares: loss.discriminator({ real: scores.real!, fake: scores.fake! }),
    logits: { real: logits.real!, fake: logits.fake! },
  };
}

/** The generator's adversarial loss, scalar, and real/fake logits [M, 1] of its images. */
export function generatorGame(
  { loss, pretext }: Parts,
  { logits, scores }: Forward,
  task: AdversarialTaskLoss | undefined,
): { readonly loss: Tensor; readonly logits: Tensor } {
  if (pretext?.adversarial === "replaced") {
    if (!task?.logits) throw missing(pretext);
    return { loss: task.loss, logits: task.logits.fake };
  }
  return { loss: loss.generator(scores.fake!, scores.real), logits: logits.fake! };
}

const missing = ({ description }: Pretext): Error =>
  new Error(`${description.key} replaces the adversarial head and gives no logits or shares`);

/** loss + weight · task's loss; the task's alone where the adversarial part counts nothing. */
export function withPretext(
  adversarial: Tensor,
  task: AdversarialTaskLoss | undefined,
  pretext: Pretext | undefined,
  weight: () => Tensor,
): Tensor {
  if (!task || pretext?.adversarial === "replaced") return adversarial;
  const weighted = mul(task.loss, weight());
  return pretext?.adversarial === "weightless" ? weighted : add(adversarial, weighted);
}

/** The task's numbers for the record, under its key. */
export const measuresOf = (
  task: AdversarialTaskLoss | undefined,
  pretext: Pretext | undefined,
): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(task?.measures ?? {}).map(([name, value]) => [
      resultName(pretext!.description.key, name),
      value,
    ]),
  );
