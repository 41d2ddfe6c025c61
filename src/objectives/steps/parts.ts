/**
 * The parts of a GAN under training, made once, each from its own section of the settings. The
 * steps put them together.
 */
import type { Tensor } from "../../graph/index.ts";
import type { GeneratorInput } from "../../models/model.ts";
import type { Scope } from "../../nn/scope.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLoss, type AdversarialLossName } from "../adversarial.ts";
import type { AdaptiveSettings } from "../augment/adaptive.ts";
import { type Discriminator, discriminatorOf, generate } from "../networks.ts";
import { type PenaltyTerm, penaltiesOf } from "../penalties/list.ts";
import type { ImageBatch, Kind, PretextTask, TaskViews } from "../pretext/pretext-task.ts";
import { taskOf } from "../pretext/registry.ts";
import { microBatch, type StepSettings } from "../settings.ts";
import { STREAMS, type StepFeeds } from "./draws.ts";
import { type Augment, augmentOf, imageRangeOf, inputsOf, type StepInputs } from "./step-inputs.ts";

/** A pretext task and how it is shown images. */
export interface Pretext
  extends Pick<PretextTask, "discriminatorLoss" | "generatorLoss" | "description" | "sees"> {
  readonly adversarial: PretextTask["adversarial"]["kind"];
  /** The views of a batch of upright images. */
  viewsOf(batch: ImageBatch, kind: Kind, feeds: StepFeeds): TaskViews;
}

/** Everything a step is made of. */
export interface Parts {
  /** → images [N, 3, S, S] */
  generate(scope: Scope, input: GeneratorInput): Tensor;
  readonly discriminator: Discriminator;
  readonly inputs: StepInputs;
  readonly augment: Augment;
  /** Undefined where the augmentation does not adapt. */
  readonly adaptive: AdaptiveSettings | undefined;
  /** Undefined for a plain GAN. */
  readonly pretext: Pretext | undefined;
  readonly loss: AdversarialLoss & { readonly name: AdversarialLossName };
  readonly penalties: readonly PenaltyTerm[];
}

/** Make the parts. */
export function partsOf(settings: StepSettings): Parts {
  const { data, generator, discriminator, objective, training } = settings;
  return {
    generate: (scope, input) => generate(scope, input, { data, generator }),
    discriminator: discriminatorOf({ data, discriminator, objective, training }),
    inputs: inputsOf({ data, generator, discriminator, training }),
    augment: augmentOf(training.augment, imageRangeOf(settings)),
    adaptive: adaptiveOf(training),
    pretext: pretextOf(objective, training),
    loss: { ...ADVERSARIAL_LOSSES[objective.loss], name: objective.loss },
    penalties: penaltiesOf(objective),
  };
}

/** Target and speed are those of both publications if left out. */
const adaptiveOf = ({
  adaptive = "none",
  adaptiveTarget = 0.6,
  adaptiveImages = 500,
}: StepSettings["training"]): AdaptiveSettings | undefined =>
  adaptive === "none" ? undefined : { adaptive, adaptiveTarget, adaptiveImages };

function pretextOf(
  objective: Pick<StepSettings["objective"], "selfSupervision" | "turns" | "rotatedBatch">,
  training: Pick<StepSettings["training"], "batchSize" | "accumulate">,
): Pretext | undefined {
  const task = taskOf(objective);
  if (!task) return undefined;
  const { turns: batching, rotatedBatch } = objective;
  const whole = microBatch({ training }) * (batching === "all" ? task.transformations : 1);
  const count = task.adversarial.kind === "replaced" ? whole : rotatedBatch / training.accumulate;
  return {
    ...task,
    adversarial: task.adversarial.kind,
    viewsOf: (batch, kind, feeds) =>
      task.views(batch, kind, {
        batching,
        count,
        draw: (name, shape, values) => feeds.draw(STREAMS.pretext, name, shape, values),
      }),
  };
}
