/**
 * Tasks whose head tells by which of K transformations an image was changed. The discriminator
 * learns it on real images, L_D += β · CE; the generator is rewarded when it can be told of its
 * own, L_G += α · CE.
 */
import { accuracy, crossEntropy, labelsOf } from "./classification.ts";
import type { PretextDescription } from "./description.ts";
import type { AdversarialRole, PretextTask, SeenViews, TaskLoss } from "./pretext-task.ts";
import { multiplesOf, type Transformations, transformedViews } from "./transformations.ts";

/** A task with a head of K outputs, called by the task's key, on the pooled features. */
export function classificationTask(
  description: PretextDescription,
  transformations: Transformations,
  { adversarial = { kind: "kept" } }: { readonly adversarial?: AdversarialRole } = {},
): PretextTask {
  const { key } = description;
  const lossOf = (seen: SeenViews | undefined, kind: "Real" | "Fake"): TaskLoss => {
    const [logits, labels] = [seen!.outputs[key]!, labelsOf(seen!)];
    const loss = crossEntropy(logits, labels);
    return { loss, measures: { [`loss${kind}`]: loss, [`accuracy${kind}`]: accuracy(logits, labels) } };
  };
  return {
    description,
    adversarial,
    transformations: transformations.count,
    multipleOf: multiplesOf(transformations),
    sees: { discriminatorStep: ["real"], generatorStep: ["fake"] },
    heads: ({ linear }) => ({ [key]: linear(key, transformations.count) }),
    views: (batch, kind, options) => transformedViews(transformations, batch, kind, options),
    discriminatorLoss: ({ real }) => lossOf(real, "Real"),
    generatorLoss: ({ fake }) => lossOf(fake, "Fake"),
    answers: (outputs) => outputs[key]!,
    transform: transformations.apply,
  };
}
