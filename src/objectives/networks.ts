/** The two networks of a GAN, applied to symbolic tensors under given settings. */
import {
  add,
  cast,
  concat,
  maximum,
  minimum,
  mul,
  round,
  sliceAxis,
  sub,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import type { ImageRange } from "../models/model.ts";
import { DISCRIMINATORS, GENERATORS } from "../models/registry.ts";
import type { Scope } from "../nn/scope.ts";
import { TURNS } from "./rotation.ts";
import type { StepSettings } from "./settings.ts";

/** uint8 [N, S, S, 3] → float32 [N, 3, S, S] in the model's range. */
export function decodeImages(bytes: Tensor, range: ImageRange): Tensor {
  const planes = cast(transpose(bytes, [0, 3, 1, 2]), "float32");
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

/** z [N, Z] → images [N, 3, S, S]. */
export function generate(scope: Scope, z: Tensor, settings: StepSettings): Tensor {
  const { architecture, ...options } = settings.generator;
  return GENERATORS[architecture].build(scope, z, { ...options, resolution: settings.data.resolution });
}

/** What the discriminator says of a batch: logits [M, 1] of the real/fake head and [M, 4] of the rotation head. */
export interface Judgement {
  readonly real: Tensor;
  readonly rotation: Tensor | undefined;
}

/** One pass over images [M, 3, S, S], whatever mixture they are: nothing in the discriminator mixes images of a batch. */
export function judge(scope: Scope, images: readonly Tensor[], settings: StepSettings): Judgement {
  const architecture = DISCRIMINATORS[settings.discriminator.architecture];
  const features = architecture.features(scope, concat(images, 0), settings.discriminator);
  const real = architecture.head(scope.child("finalFc"), features, 1, settings.discriminator);
  const rotates = settings.objective.selfSupervision === "rotation";
  const rotation = rotates
    ? architecture.head(scope.child("rotation"), features, TURNS, settings.discriminator)
    : undefined;
  return { real, rotation };
}

/** Rows `start … end − 1` of a judgement's logits. */
export const rows = (logits: Tensor, start: number, end: number): Tensor => sliceAxis(logits, 0, start, end);
