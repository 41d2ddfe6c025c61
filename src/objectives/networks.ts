/** The two networks of a GAN, applied to symbolic tensors under given settings. */
import { add, concat, log, mean, mul, sub, type Tensor } from "../graph/index.ts";
import type { DiscriminatorArchitecture, DiscriminatorFeatures, GeneratorInput } from "../models/model.ts";
import { DISCRIMINATORS, GENERATORS } from "../models/registry.ts";
import { convolution } from "../nn/convolution.ts";
import { heNormal, zeros } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";
import { probabilityOf } from "./augment/adaptive.ts";
import type { AuxiliaryInput } from "./auxiliary/auxiliary.ts";
import { givenOrPredicted } from "./auxiliary/class-prediction.ts";
import { type AuxiliaryTerm, auxiliaryTerms } from "./auxiliary/list.ts";
import { rows } from "./images.ts";
import type { ImageBatch, PretextTask, TaskOutputs } from "./pretext/pretext-task.ts";
import { taskOf } from "./pretext/registry.ts";
import { type ClassSettings, predictsClasses, type StepSettings } from "./settings.ts";

/** What a generator is made of. */
export type GeneratorSettings = Pick<StepSettings, "data" | "generator">;

/** → images [N, 3, S, S] in the architecture's range. */
export function generate(scope: Scope, input: GeneratorInput, settings: GeneratorSettings): Tensor {
  const { architecture, ...options } = settings.generator;
  return GENERATORS[architecture].build(scope, input, { ...options, resolution: settings.data.resolution });
}

/** What a discriminator is made of. */
export interface DiscriminatorSettings {
  readonly data: Pick<StepSettings["data"], "resolution">;
  readonly discriminator: StepSettings["discriminator"];
  readonly objective: Pick<StepSettings["objective"], "selfSupervision" | "auxiliary">;
  readonly training: Pick<StepSettings["training"], "adaptive">;
}

/** What programs of the generator alone are made of. */
export interface GeneratorProgramSettings extends GeneratorSettings, ClassSettings {
  readonly generator: StepSettings["generator"];
}

/** What programs of the discriminator alone are made of; images are in its generator's range. */
export interface DiscriminatorProgramSettings extends DiscriminatorSettings {
  readonly data: StepSettings["data"];
  readonly generator: Pick<StepSettings["generator"], "architecture">;
}

/** What the discriminator says of M images, and what it saw on the way. */
export interface DiscriminatorOutput extends DiscriminatorFeatures {
  /** Real/fake logits [M, 1]; higher is more real. */
  readonly logits: Tensor;
  /**
   * What the adversarial loss is of: the logits, or those of patches, [M, P], of which the logits
   * are the means.
   */
  readonly scores: Tensor;
  /**
   * Logits of the K classes, [M, K], of a discriminator that predicts them; else undefined. In a
   * pass of the real/fake head too, which is told what they predict.
   */
  readonly classLogits?: Tensor | undefined;
  /**
   * Outputs of the pretext task's heads; undefined without a task, and where they were not asked
   * for.
   */
  readonly task: TaskOutputs | undefined;
  /**
   * What is said of each part of the batch as a whole, by how different its images are: [1, 1] a
   * part, to be added to the logits of its images. Undefined for a discriminator that only looks at
   * single images.
   */
  readonly spread: readonly Tensor[] | undefined;
}

/** The discriminator of a GAN. */
export interface Discriminator {
  /** The task it has heads for. */
  readonly task: PretextTask | undefined;
  /** The auxiliary losses it may have heads and state for. */
  readonly auxiliaries: readonly AuxiliaryTerm[];
  /**
   * One pass over M images, whatever mixture they are: nothing in the discriminator mixes images of
   * a batch, but for `spread`, which looks at each part by itself.
   * @param parts of the batch, with their classes where the discriminator is told them
   * @param heads `adversarial`: the real/fake head alone, as compare_gan's penalties call the
   *   network; `primary`: that and those of the task, for a step, which has the heads of auxiliary
   *   losses for some of the images only
   * @throws Error when the discriminator wants classes and there are none
   */
  apply(scope: Scope, parts: readonly ImageBatch[], heads?: Heads): DiscriminatorOutput;
  /**
   * Outputs of an auxiliary loss's heads on features of M images, where it has heads, and its place
   * in the discriminator.
   * @param draw random numbers for heads, in a step whose loss they are for
   */
  auxiliary(
    scope: Scope,
    term: AuxiliaryTerm,
    features: () => DiscriminatorFeatures,
    draw?: AuxiliaryInput["draw"],
  ): { readonly outputs: TaskOutputs; readonly state: Scope };
}

const THREE_BY_THREE = { size: 3, stride: 1 } as const;
/** How convolutions of auxiliary losses begin. */
const DECODING = { kernel: heNormal, bias: () => zeros, spectralNorm: false } as const;

/** Which heads a pass has. */
export type Heads = "all" | "primary" | "adversarial";

/**
 * The discriminator under these settings: a trunk, a real/fake head, and the heads of the pretext
 * task.
 */
export function discriminatorOf({
  data,
  discriminator: options,
  objective,
  training: { adaptive = "none" },
}: DiscriminatorSettings): Discriminator {
  const architecture: DiscriminatorArchitecture = DISCRIMINATORS[options.architecture];
  const task = taskOf(objective);
  const replaced = task?.adversarial.kind === "replaced" ? task.adversarial : undefined;
  const auxiliaries = auxiliaryTerms(objective.auxiliary);
  const auxiliary: Discriminator["auxiliary"] = (
    scope,
    { name, auxiliary: { state, heads } },
    features,
    draw,
  ) => {
    const own = scope.child(name);
    state?.(own);
    const { paint } = architecture;
    const outputs = heads?.({
      features: features(),
      relativeWidth: options.width / architecture.fullWidth(data.resolution),
      resolution: data.resolution,
      convolve: (layer, x, count) => convolution(own.child(layer), x, count, THREE_BY_THREE, DECODING),
      dense: (layer, x, count) => architecture.head(own.child(layer), x, count, options),
      paint: paint && ((chosen) => paint(own, features(), chosen, options)),
      draw,
    });
    return { outputs: outputs ?? {}, state: own };
  };
  return {
    task,
    auxiliaries,
    auxiliary,
    apply(scope, parts, heads = "all") {
      // The state of an adaptive augmentation lies here, before all others.
      if (adaptive !== "none") probabilityOf(scope);
      const output = discriminate(scope, parts, heads);
      if (heads === "all") for (const term of auxiliaries) auxiliary(scope, term, () => output);
      return output;
    },
  };

  function discriminate(scope: Scope, parts: readonly ImageBatch[], heads: Heads): DiscriminatorOutput {
    const images = parts.map((part) => part.images);
    const features = architecture.features(scope, concat(images, 0), options);
    const { pooled } = features;
    const linear = (name: string, outputs: number): Tensor =>
      architecture.head(scope.child(name), pooled, outputs, options);
    const scores = replaced
      ? undefined
      : (architecture.patches?.(scope.child("patches"), features, options) ?? linear("finalFc", 1));
    const asked = heads !== "adversarial" || replaced;
    const outputs = asked
      ? task?.heads({ features, linear, scope, spectralNorm: options.spectralNorm })
      : undefined;
    if (!scores) {
      const logits = replaced!.score(outputs!);
      return { ...features, logits, scores: logits, task: outputs, spread: undefined };
    }
    // Of one number the mean is that number, and one node less in graphs of before.
    const unconditional = scores.shape[1] === 1 ? scores : mean(scores, [1], true);
    const spread =
      options.batchSpread && heads !== "adversarial"
        ? rowsOf(images, pooled).map((own) =>
            architecture.head(scope.child("batchSpread"), logSpread(own), 1, options),
          )
        : undefined;
    if (options.conditioning === "none")
      return { ...features, logits: unconditional, scores, task: outputs, spread };
    const classes = parts.flatMap((part) => part.classes ?? []);
    if (classes.length !== parts.length)
      throw new Error("the discriminator is conditional: every image needs a class");
    const given = concat(classes, 0);
    const classLogits = predictsClasses({ discriminator: options })
      ? linear("predictor", given.shape[1]!)
      : undefined;
    const told = classLogits
      ? givenOrPredicted(given, classLogits, options.conditioning === "predicted-soft")
      : given;
    const projected = architecture.projection(scope.child("projection"), pooled, told, options);
    const logits = add(unconditional, projected);
    const projectedScores = scores === unconditional ? logits : add(scores, projected);
    return { ...features, logits, scores: projectedScores, classLogits, task: outputs, spread };
  }
}

/** Keeps the logarithm finite where all images are the same. */
const MIN_VARIANCE = 1e-4;

/**
 * The input of a head that judges a batch as a whole: logarithms of the standard deviations of its
 * pooled features (after Karras et al. 2018, minibatch standard deviation). A generator whose
 * images share a palette gives itself away by them, whatever the palette is. Logarithms, because
 * the scale of features depends on the network, and what tells is the ratio.
 * @param pooled [N, F] @returns [1, F]
 */
function logSpread(pooled: Tensor): Tensor {
  const centered = sub(pooled, mean(pooled, [0], true));
  return mul(log(add(mean(mul(centered, centered), [0], true), MIN_VARIANCE)), 0.5);
}

/** The rows of `x` that belong to each part of a batch. */
function rowsOf(parts: readonly Tensor[], x: Tensor): Tensor[] {
  let end = 0;
  return parts.map(({ shape: [count] }) => {
    end += count!;
    return rows(x, end - count!, end);
  });
}
