/** The two networks of a GAN, applied to symbolic tensors under given settings. */
import {
  add,
  cast,
  concat,
  equal,
  integers,
  log,
  maximum,
  mean,
  minimum,
  mul,
  reshape,
  round,
  sliceAxis,
  sub,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import type { DiscriminatorFeatures, GeneratorInput, ImageRange } from "../models/model.ts";
import { DISCRIMINATORS, GENERATORS } from "../models/registry.ts";
import type { Scope } from "../nn/scope.ts";
import { TURNS } from "./rotation.ts";
import { hasRotationHead, type StepSettings } from "./settings.ts";

/** uint8 [N, S, S, 3] → float32 [N, 3, S, S] in the model's range. */
export const decodeImages = (bytes: Tensor, range: ImageRange): Tensor =>
  decodePlanes(transpose(bytes, [0, 3, 1, 2]), range);

/** uint8 [N, 3, S, S] → float32 in the model's range. */
export function decodePlanes(bytes: Tensor, range: ImageRange): Tensor {
  const planes = cast(bytes, "float32");
  return range === "unit" ? mul(planes, 1 / 255) : sub(mul(planes, 1 / 127.5), 1);
}

/** float32 in the model's range → float32 in 0…255, not rounded. */
function greyValues(images: Tensor, range: ImageRange): Tensor {
  const scaled = range === "unit" ? mul(images, 255) : mul(add(images, 1), 127.5);
  return minimum(maximum(scaled, 0), 255);
}

/** float32 in the model's range → float32 grey levels 0…255, rounded to nearest. */
const greyLevels = (images: Tensor, range: ImageRange): Tensor => round(greyValues(images, range));

/** float32 [N, 3, S, S] in the model's range → uint8 [N, S, S, 3], rounded to nearest. */
export const encodeImages = (images: Tensor, range: ImageRange): Tensor =>
  cast(transpose(greyLevels(images, range), [0, 2, 3, 1]), "uint8");

/** float32 [N, 3, S, S] in the model's range → float32 [N, S, S, 3], 0…255, not rounded. */
export const unroundedImages = (images: Tensor, range: ImageRange): Tensor =>
  transpose(greyValues(images, range), [0, 2, 3, 1]);

/** float32 [N, 3, S, S] in the model's range → uint8 [N, 3, S, S], rounded to nearest. */
export const encodePlanes = (images: Tensor, range: ImageRange): Tensor =>
  cast(greyLevels(images, range), "uint8");

/** → images [N, 3, S, S] in the architecture's range. */
export function generate(scope: Scope, input: GeneratorInput, settings: StepSettings): Tensor {
  const { architecture, ...options } = settings.generator;
  return GENERATORS[architecture].build(scope, input, { ...options, resolution: settings.data.resolution });
}

/** What the discriminator says of M images: logits [M, 1] of the real/fake head and [M, 4] of the rotation head, and what it saw on the way. */
export interface Judgement extends DiscriminatorFeatures {
  readonly real: Tensor;
  readonly rotation: Tensor | undefined;
  /**
   * What the discriminator says of each part of the batch as a whole, by how different its images are: [1, 1] a part, to be added to the
   * logits of its images. Undefined for a discriminator that only looks at single images.
   */
  readonly spread: readonly Tensor[] | undefined;
}

/** How a batch is judged. */
export interface JudgeOptions {
  /** Classes as one-hot rows [M, K], for each part of the batch; for a discriminator that is told the class. */
  readonly classes?: readonly (Tensor | undefined)[];
  /** `real`: without the rotation head, as compare_gan's penalties call the network. */
  readonly heads?: "all" | "real";
}

/**
 * One pass over images [M, 3, S, S], whatever mixture they are: nothing in the discriminator mixes images of a batch, but for `spread`, which
 * looks at each part by itself.
 * @throws Error when the discriminator wants classes and there are none
 */
export function judge(
  scope: Scope,
  images: readonly Tensor[],
  settings: StepSettings,
  { classes = [], heads = "all" }: JudgeOptions = {},
): Judgement {
  const options = settings.discriminator;
  const architecture = DISCRIMINATORS[options.architecture];
  const features = architecture.features(scope, concat(images, 0), options);
  const { pooled } = features;
  const unconditional = architecture.head(scope.child("finalFc"), pooled, 1, options);
  const rotates = hasRotationHead(settings) && heads === "all";
  const rotation = rotates ? architecture.head(scope.child("rotation"), pooled, TURNS, options) : undefined;
  const spread =
    options.batchSpread && heads === "all"
      ? rowsOf(images, pooled).map((own) =>
          architecture.head(scope.child("batchSpread"), logSpread(own), 1, options),
        )
      : undefined;
  if (options.conditioning === "none") return { ...features, real: unconditional, rotation, spread };
  const told = classes.filter((part) => part !== undefined);
  if (told.length !== images.length)
    throw new Error("the discriminator is conditional: every image needs a class");
  const projected = architecture.projection(scope.child("projection"), pooled, concat(told, 0), options);
  return { ...features, real: add(unconditional, projected), rotation, spread };
}

/** Keeps the logarithm finite where all images are the same. */
const LEAST_VARIANCE = 1e-4;

/**
 * The input of a head that judges a batch as a whole: logarithms of the standard deviations of its pooled features (after Karras et al. 2018,
 * minibatch standard deviation). A generator whose images share a palette gives itself away by them, whatever the palette is.
 * Logarithms, because the scale of features depends on the network, and what tells is the ratio.
 * @param pooled [N, F] @returns [1, F]
 */
function logSpread(pooled: Tensor): Tensor {
  const centred = sub(pooled, mean(pooled, [0], true));
  return mul(log(add(mean(mul(centred, centred), [0], true), LEAST_VARIANCE)), 0.5);
}

/** The rows of `x` that belong to each part of a batch. */
function rowsOf(parts: readonly Tensor[], x: Tensor): Tensor[] {
  let end = 0;
  return parts.map(({ shape: [count] }) => {
    end += count!;
    return rows(x, end - count!, end);
  });
}

/** Rows `start … end − 1`. */
export const rows = (x: Tensor, start: number, end: number): Tensor => sliceAxis(x, 0, start, end);

/** Class numbers [N], int64 → one-hot rows [N, K], float32. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const all = integers(
    Array.from({ length: classes }, (_, k) => k),
    [1, classes],
  );
  return cast(equal(reshape(labels, [labels.shape[0]!, 1]), all), "float32");
}
