/** What the auxiliary losses add to a step, and what they are given to look at. */
import type { Tensor } from "../../graph/index.ts";
import type { GeneratorInput } from "../../models/model.ts";
import type { NetworkTrace, Scope } from "../../nn/scope.ts";
import type { AuxiliaryInput, KindOutput } from "../auxiliary/auxiliary.ts";
import { type AuxiliaryTerm, auxiliaryResult } from "../auxiliary/list.ts";
import type { ImageBatch, Kind } from "../pretext/pretext-task.ts";
import { STREAMS, type StepFeeds } from "./draws.ts";
import { type Forward, uprightOutput } from "./forward.ts";
import type { Parts } from "./parts.ts";

/** What a step has made by the time its auxiliary losses are added. */
export interface StepSoFar {
  /** Upright images of each kind in the step, as they were shown. */
  readonly images: Readonly<Partial<Record<Kind, ImageBatch>>>;
  readonly output: Forward;
  readonly discriminator: NetworkTrace;
  readonly generator: NetworkTrace;
  /** What the generated images were made of. */
  readonly input: GeneratorInput;
  /** Before augmentation, [N, 3, S, S]. */
  readonly generated: Tensor;
  /** → images of other latents [N, Z] */
  generate(latents: Tensor): Tensor;
  /** Images augmented as the generated ones were. */
  augmentedAlike(images: Tensor): Tensor;
}

/** One term of a network's loss. */
export interface WeighedLoss {
  /** Its name in the record. */
  readonly result: string;
  /** Scalar, not weighed. */
  readonly value: Tensor;
  readonly weight: number;
}

/**
 * The terms of `network`'s loss, in the order of the list; those of weight 0 are left out. Also
 * asks for the heads and buffers of the losses without a term, so that every trace of the
 * discriminator owns the same tensors.
 */
export function auxiliaryLosses(
  network: "discriminator" | "generator",
  parts: Parts,
  feeds: StepFeeds,
  step: StepSoFar,
): WeighedLoss[] {
  const outputFor = outputsIn(parts, step);
  // Before the losses ask for heads of their own.
  const kernels = kernelsOf(step[network]);
  return parts.discriminator.auxiliaries.flatMap((term) => {
    const weight = term.weights[network];
    const { discriminatorLoss, generatorLoss } = term.auxiliary;
    const build = network === "discriminator" ? discriminatorLoss : generatorLoss;
    if (!build || weight === 0) {
      own(parts, term, idle(step.discriminator.scope), outputFor);
      return [];
    }
    const value = build(inputOf(network, term, parts, feeds, { ...step, kernels }, outputFor));
    return [{ result: auxiliaryResult(term.name), value, weight }];
  });
}

function inputOf(
  network: "discriminator" | "generator",
  term: AuxiliaryTerm,
  parts: Parts,
  feeds: StepFeeds,
  step: StepSoFar & Pick<AuxiliaryInput, "kernels">,
  outputFor: (kind: Kind) => KindOutput,
): AuxiliaryInput {
  const { scope } = step.discriminator;
  const draw: AuxiliaryInput["draw"] = (name, shape, values) =>
    feeds.draw(STREAMS.auxiliary, `${term.name}/${name}`, shape, values);
  const { outputs, state } = own(
    parts,
    term,
    scope,
    outputFor,
    network === "discriminator" ? "real" : "fake",
    draw,
  );
  return {
    images: (kind) => imagesIn(step, kind),
    outputFor,
    outputs: () => outputs,
    logitsOf(images, like) {
      const { classes } = imagesIn(step, like);
      return parts.discriminator.apply(scope, [{ images, classes }], "adversarial").logits;
    },
    latents: step.input.z,
    generated: step.generated,
    generate: step.generate,
    augmentedAlike: step.augmentedAlike,
    kernels: step.kernels,
    state,
    draw,
  };
}

/** All kernels but an embedding of classes. */
const kernelsOf = ({ parameters }: NetworkTrace): Tensor[] =>
  parameters.flatMap(({ name, leaf }) =>
    name.endsWith("/kernel") && !name.endsWith("/classes/kernel") ? [leaf] : [],
  );

/** What is owned by a loss, with its heads on images of `kind`. */
const own = (
  { discriminator }: Parts,
  term: AuxiliaryTerm,
  scope: Scope,
  outputFor: (kind: Kind) => KindOutput,
  kind: Kind = "fake",
  draw?: AuxiliaryInput["draw"],
) => discriminator.auxiliary(scope, term, () => outputFor(kind).features, draw);

/**
 * What was seen in upright images, in the pass of the step or, once it is asked for, in one of its
 * own.
 */
function outputsIn({ discriminator }: Parts, step: StepSoFar): (kind: Kind) => KindOutput {
  const known = new Map<Kind, KindOutput>();
  return (kind) => {
    const outputFor =
      known.get(kind) ??
      step.output.outputFor(kind) ??
      uprightOutput(discriminator.apply(step.discriminator.scope, [imagesIn(step, kind)], "primary"));
    known.set(kind, outputFor);
    return outputFor;
  };
}

function imagesIn({ images }: StepSoFar, kind: Kind): ImageBatch {
  const batch = images[kind];
  if (!batch) throw new Error(`there are no ${kind} images in the generator's step`);
  return batch;
}

/** The scope without updates: what is not used does not move. */
const idle = (scope: Scope): Scope => ({
  ...scope,
  child: (name) => idle(scope.child(name)),
  update: () => undefined,
});
