/**
 * The port of pretext tasks: what a self-supervised task adds to a GAN. A task says which heads the
 * discriminator has for it, how images are transformed and labeled, and what both networks
 * minimize, given the outputs of its heads for real and for generated images at once. A new task is
 * a file beside this one and a line in registry.ts.
 */
import type { Tensor } from "../../graph/index.ts";
import type { DiscriminatorFeatures } from "../../models/model.ts";
import type { Scope } from "../../nn/scope.ts";
import type { DrawnFeed } from "../steps/draws.ts";
import type { PretextDescription } from "./description.ts";

/** Images that belong together, and their classes. */
export interface ImageBatch {
  /** [M, 3, S, S] */
  readonly images: Tensor;
  /** Their classes as one-hot rows [M, K]; undefined in a GAN without classes. */
  readonly classes: Tensor | undefined;
}

/** What a task makes its heads of. */
export interface HeadInput {
  /** Outputs of all blocks, and pooled features. */
  readonly features: DiscriminatorFeatures;
  /** A linear head of the discriminator's kind on its pooled features: [M, F] → [M, outputs]. */
  linear(name: string, outputs: number): Tensor;
  /**
   * The discriminator's scope, for heads of another form. What a task keeps from step to step are
   * buffers of a child of it, which lie in checkpoints with all others.
   */
  readonly scope: Scope;
  /** Whether kernels are divided by their spectral norms. */
  readonly spectralNorm: boolean;
}

/** Outputs of a task's heads by name, each with a row an image. */
export type TaskOutputs = Readonly<Record<string, Tensor>>;

/** Classes of transformed images. */
export interface Labels {
  /** float32 [M, K] */
  readonly oneHot: Tensor;
  /** int64 [M] */
  readonly indices: Tensor;
}

/** The images of a group that a task looks at. */
export interface TaskViews {
  /**
   * So many of the last upright images, as they are in the ordinary pass; they come before `extra`.
   */
  readonly upright: number;
  /** Transformed images. */
  readonly extra: ImageBatch | undefined;
  /**
   * Whether `extra` goes through the discriminator with the upright images or in a pass of its own.
   */
  readonly pass: "shared" | "own";
  /** Of the upright ones, then of `extra`; undefined for a task without classes. */
  readonly labels: Labels | undefined;
}

/** How a step transforms images. */
export interface ViewOptions {
  /** `all`: some images in every transformation, `one`: each image in one. */
  readonly batching: "all" | "one";
  /**
   * Images the task sees of a group in one pass: K for each image taken (`all`), or one (`one`).
   */
  readonly count: number;
  /**
   * A feed of random numbers that the host draws anew for every update. `name` is unique in a step.
   */
  draw(name: string, shape: readonly number[], values: DrawnFeed["values"]): Tensor;
}

/** One kind of images as the discriminator saw it. */
export interface SeenViews {
  readonly outputs: TaskOutputs;
  readonly labels: Labels | undefined;
}

/** The kinds of images in a step. */
export type Kind = "real" | "fake";
/** What the discriminator made of the views of the kinds that the task asked for. */
export type SeenKinds = Readonly<Partial<Record<Kind, SeenViews>>>;

/** What a task contributes to a step. */
export interface TaskLoss {
  /** Scalar, not weighed. */
  readonly loss: Tensor;
  /**
   * Scalars for the record by name, such as `lossReal` and `accuracyReal`; the task's key is put
   * before.
   */
  readonly measures: Readonly<Record<string, Tensor>>;
}

/** The loss of a task, which may take the place of the adversarial one. */
export interface AdversarialTaskLoss extends TaskLoss {
  /**
   * In the discriminator's step: the shares of real and of generated images, whose sum is `loss`.
   */
  readonly shares?: Readonly<Record<Kind, Tensor>>;
  /** Real/fake logits [M, 1] of the images it looked at. */
  readonly logits?: { readonly fake: Tensor; readonly real?: Tensor };
}

/**
 * What becomes of the adversarial head and loss beside the task.
 *
 * - `kept`: both stay; the task's losses are added, weighed by α and β.
 * - `weightless`: both stay, and the adversarial loss has weight 0.
 * - `replaced`: the discriminator has no other head. Its answer to "real or generated" is `score`.
 */
export type AdversarialRole =
  | { readonly kind: "kept" }
  | { readonly kind: "weightless" }
  | {
      readonly kind: "replaced";
      /** Names of the adversarial losses it has a form of. */
      readonly losses: readonly string[];
      /** Logits [M, 1] for M images that are shown as they are; higher is more real. */
      score(outputs: TaskOutputs): Tensor;
    };

/** A pretext task. */
export interface PretextTask {
  readonly description: PretextDescription;
  readonly adversarial: AdversarialRole;
  /** Transformations K; 1 for a task without any. */
  readonly transformations: number;
  /** What the number of images that it sees of a group has to be a multiple of. */
  readonly multipleOf: Readonly<Record<ViewOptions["batching"], number>>;
  /** The kinds of images whose views it sees in each step, the step's own kind first. */
  readonly sees: Readonly<Record<"discriminatorStep" | "generatorStep", readonly Kind[]>>;
  /** Its heads on the features of M images; called once in every pass. */
  heads(input: HeadInput): TaskOutputs;
  /**
   * The images it looks at, of a batch of N upright ones.
   * @param kind which batch it is, for names of feeds
   */
  views(batch: ImageBatch, kind: Kind, options: ViewOptions): TaskViews;
  /** What the discriminator minimizes. @param loss name of the adversarial loss */
  discriminatorLoss(seen: SeenKinds, loss: string): AdversarialTaskLoss;
  /** What the generator minimizes. @param loss name of the adversarial loss */
  generatorLoss(seen: SeenKinds, loss: string): AdversarialTaskLoss;
  /** Logits [M, K] of the described classes; undefined for a task that answers no such question. */
  answers?(outputs: TaskOutputs): Tensor;
  /** M images in the transformation of class `label`, for looking at. */
  transform(images: Tensor, label: number): Tensor;
  /**
   * Sides of images that it can transform.
   * @returns a sentence saying what is wrong; undefined when nothing is
   */
  refuses?(resolution: number): string | undefined;
}
