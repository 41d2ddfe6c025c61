/**
 * The images of the online study: for every task batches of which one half is of the task's class
 * and the other half of the others, and a fixed set of test images composed alike, so that 0.5 is
 * chance everywhere.
 */
import { UserError } from "../../base/errors.ts";
import { setting } from "../../base/option-names.ts";
import type { RandomStream } from "../../base/random.ts";
import { whyNoClasses } from "../../data/advice.ts";
import { countLabeled, type ImageStore, imageBytes } from "../../data/store/store.ts";

/** Images in a store that all have a class. */
export type LabeledImages = Pick<ImageStore, "count" | "size" | "read"> & {
  readonly labels: Uint16Array;
  readonly classNames: readonly string[];
};

/** Images of a task and whether each is of its class. */
export interface TaskBatch {
  /** uint8 [N, S, S, 3] */
  readonly images: Uint8Array;
  /** float32 [N, 1]: 1 for the task's class, else 0. */
  readonly targets: Float32Array;
}

/** A store with its labels. @throws UserError when it has none, or fewer than two classes */
export function labeled(store: ImageStore): LabeledImages {
  if (!store.labels || !store.classNames || store.classNames.length < 2)
    throw new UserError(
      `${store.summary.name} has no class labels${whyNoClasses(store.summary)}, and this study is about telling classes apart.`,
      "Use a labeled data set: cifar10:PATH, or a folder with one folder for each class.",
    );
  const without = store.count - countLabeled(store.labels);
  if (without > 0)
    throw new UserError(
      `${without} of ${store.count} images of ${store.summary.name} have no label, and this study is about telling classes apart.`,
      `Use ${setting("data.unlabeled", "exclude")}, or data of which every image has a label.`,
    );
  return Object.assign(Object.create(store) as ImageStore, {
    labels: store.labels,
    classNames: store.classNames,
  });
}

/** Indices of the images of a class, and of all others. */
export interface Membership {
  readonly members: Uint32Array;
  readonly others: Uint32Array;
}

/** Who belongs to each class. @throws UserError when a class has no image */
export function memberships({ labels, classNames }: LabeledImages): Membership[] {
  return classNames.map((name, k) => {
    const all = Array.from(labels, (_, i) => i);
    const members = Uint32Array.from(all.filter((i) => labels[i] === k));
    if (members.length === 0)
      throw new UserError(
        `There is no image of the class ${name}.`,
        "Use a data set with images of every class.",
      );
    return { members, others: Uint32Array.from(all.filter((i) => labels[i] !== k)) };
  });
}

/** A batch of a task with as many images of the class as the data has, drawn with replacement. */
export function drawNaturalBatch(
  store: LabeledImages,
  task: number,
  size: number,
  stream: RandomStream,
): TaskBatch {
  const picks = Array.from({ length: size }, () => {
    const index = stream.integer(store.count);
    return { index, target: store.labels[index] === task ? 1 : 0 };
  });
  return gather(store, picks);
}

/**
 * A batch of a task, drawn with replacement: the first half of the class, the second half of the
 * others, then shuffled, because the images that are turned are the last ones of the batch and must
 * be of both kinds.
 */
export function drawTaskBatch(
  store: LabeledImages,
  { members, others }: Membership,
  size: number,
  stream: RandomStream,
): TaskBatch {
  const half = Math.floor(size / 2);
  const picks = Array.from({ length: size }, (_, i) => {
    const from = i < half ? members : others;
    return { index: from[stream.integer(from.length)]!, target: i < half ? 1 : 0 };
  });
  for (let i = size - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [picks[i], picks[j]] = [picks[j]!, picks[i]!];
  }
  return gather(store, picks);
}

/**
 * A task's test images: `each` of the class and as many others, spread evenly over the store,
 * always the same ones.
 */
export function testBatch(store: LabeledImages, { members, others }: Membership, each: number): TaskBatch {
  const count = Math.min(each, members.length, others.length);
  const spread = (from: Uint32Array, target: number) =>
    Array.from({ length: count }, (_, i) => ({
      index: from[Math.floor((i * from.length) / count)]!,
      target,
    }));
  return gather(store, [...spread(members, 1), ...spread(others, 0)]);
}

function gather(
  store: LabeledImages,
  picks: readonly { readonly index: number; readonly target: number }[],
): TaskBatch {
  const bytes = imageBytes(store.size);
  const images = new Uint8Array(picks.length * bytes);
  picks.forEach(({ index }, i) => {
    store.read(index, images, i * bytes);
  });
  return { images, targets: Float32Array.from(picks, ({ target }) => target) };
}
