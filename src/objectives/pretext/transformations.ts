/**
 * Images in the transformations of a group, each of which is a class. Two ways of showing them are
 * published:
 *
 * - `all`, compare_gan's (gans/ssgan.py): the last n = count/K images of a batch are also shown in
 *   their K − 1 other transformations, in the same pass as all upright ones; the head is judged on
 *   those n and on what was made of them, stacked by class.
 * - `one`, mimicry's (nets/ssgan/ssgan_base.py): the last `count` images are transformed once and
 *   go through the discriminator in a pass of their own, which advances the power iterations.
 */
import { concat, constant, integers, type Tensor } from "../../graph/index.ts";
import { oneHot, rows } from "../images.ts";
import type { ImageBatch, Kind, Labels, PretextTask, TaskViews, ViewOptions } from "./pretext-task.ts";

/** K transformations of images; number 0 leaves them as they are. */
export interface Transformations {
  /** K */
  readonly count: number;
  /** images [M, C, S, S] in transformation `label` → the same shape */
  apply(images: Tensor, label: number): Tensor;
  /**
   * Each image in the transformation of its own row of `oneHot` [M, K]. Where this is given, an
   * image shown once gets a random transformation; else image i of M gets number ⌊K·i/M⌋.
   */
  applyEach?(images: Tensor, oneHot: Tensor): Tensor;
}

/**
 * What the number of images of a group has to be a multiple of, so that every class has as many.
 */
export const multiplesOf = ({ count, applyEach }: Transformations): PretextTask["multipleOf"] => ({
  all: count,
  one: applyEach ? 1 : count,
});

/** The last rows of a batch. */
function last({ images, classes }: ImageBatch, count: number): ImageBatch {
  const tail = (x: Tensor): Tensor => rows(x, x.shape[0]! - count, x.shape[0]!);
  return { images: tail(images), classes: classes && tail(classes) };
}

/**
 * The views of a batch that a task with such transformations is shown. They keep the classes of
 * their images.
 */
export function transformedViews(
  transformations: Transformations,
  batch: ImageBatch,
  kind: Kind,
  options: ViewOptions,
): TaskViews {
  const { batching, count } = options;
  return batching === "all"
    ? inEveryTransformation(transformations, batch, count)
    : inOneTransformation(transformations, batch, kind, options);
}

function inEveryTransformation(
  transformations: Transformations,
  batch: ImageBatch,
  count: number,
): TaskViews {
  const { count: K, apply } = transformations;
  const taken = last(batch, count / K);
  const images = Array.from({ length: K - 1 }, (_, k) => apply(taken.images, k + 1));
  const { classes } = taken;
  return {
    upright: count / K,
    extra: {
      images: concat(images, 0),
      classes: classes && concat(new Array<Tensor>(K - 1).fill(classes), 0),
    },
    pass: "shared",
    labels: inOrder(count, K),
  };
}

function inOneTransformation(
  { count: K, apply, applyEach }: Transformations,
  batch: ImageBatch,
  kind: Kind,
  { count, draw }: ViewOptions,
): TaskViews {
  const taken = last(batch, count);
  if (applyEach) {
    const indices = draw(`${kind}Transformations`, [count], { below: K });
    const labels = { indices, oneHot: oneHot(indices, K) };
    const extra = { ...taken, images: applyEach(taken.images, labels.oneHot) };
    return { upright: 0, extra, pass: "own", labels };
  }
  const share = count / K;
  const parts = Array.from({ length: K }, (_, k) => apply(rows(taken.images, k * share, (k + 1) * share), k));
  const extra = { ...taken, images: concat(parts, 0) };
  return { upright: 0, extra, pass: "own", labels: inOrder(count, K) };
}

/** Labels of `count` images stacked by class, equally many of each: image i has ⌊K·i/count⌋. */
export function inOrder(count: number, classes: number): Labels {
  const labels = Array.from({ length: count }, (_, i) => Math.floor((classes * i) / count));
  const ones = labels.flatMap((label) => Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0)));
  return { oneHot: constant(ones, [count, classes]), indices: integers(labels) };
}
