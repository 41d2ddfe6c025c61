/**
 * How a step shows images to the discriminator, upright for the adversarial loss and turned for the rotation loss. The discriminator's
 * step does it with real images, the generator's with generated ones; the arithmetic is one.
 *
 * `turns: all`, compare_gan's (gans/ssgan.py): the last n = rotatedBatch/4 images are also shown in their three other turns, in the same
 * pass as all upright ones; the rotation head is judged on those n and their turns.
 *
 * `turns: one`, mimicry's (nets/ssgan/ssgan_base.py): real, generated and turned images go through the discriminator in passes of
 * their own, each of which advances the power iterations; the last rotatedBatch images are turned once, image i by ⌊4i/rotatedBatch⌋
 * quarter turns, and the head is judged on them alone.
 */
import { add, concat, type Tensor } from "../graph/index.ts";
import type { Scope } from "../nn/scope.ts";
import { type Judgement, judge, rows } from "./networks.ts";
import { eachInOneTurn, type RotationResult, rotationLoss, TURNS, turnedImages } from "./rotation.ts";
import { microBatch, type StepSettings } from "./settings.ts";

/** Images that belong together. */
export interface Shown {
  /** [M, 3, S, S] */
  readonly images: Tensor;
  /** Their classes as one-hot rows [M, K]; undefined in a GAN without classes. */
  readonly classes: Tensor | undefined;
}

/** What the discriminator said. */
export interface Verdict {
  /** Logits [N, 1] of the upright images, one tensor for each group that was shown. */
  readonly upright: readonly Tensor[];
  /** Of the first group's images; undefined without self-supervision. */
  readonly rotation: RotationResult | undefined;
}

/**
 * Show groups of N upright images, and turned images of the first group.
 * @param scope the discriminator's
 */
export function show(scope: Scope, groups: readonly Shown[], settings: StepSettings): Verdict {
  const { selfSupervision, turns } = settings.objective;
  if (selfSupervision !== "none" && turns === "one") return showEachTurnOnce(scope, groups, settings);
  const [first, ...others] = groups as [Shown, ...Shown[]];
  const size = microBatch(settings);
  const n = selfSupervision === "none" ? 0 : rotatedImages(settings) / TURNS;
  const turned = n > 0 ? [turnedGroup(first, n)] : [];
  const judged = judgeAll(scope, [first, ...turned, ...others], settings);
  const upright = groups.map((_, i) => {
    const start = i === 0 ? 0 : i * size + 3 * n;
    return together(rows(judged.real, start, start + size), judged.spread?.[i === 0 ? 0 : i + turned.length]);
  });
  return {
    upright,
    rotation: judged.rotation && rotationLoss(rows(judged.rotation, size - n, size + 3 * n)),
  };
}

function showEachTurnOnce(scope: Scope, groups: readonly Shown[], settings: StepSettings): Verdict {
  const passes = groups.map((group): Judgement => judgeAll(scope, [group], settings));
  const { images, classes } = groups[0]!;
  const [size, count] = [microBatch(settings), rotatedImages(settings)];
  const last = (x: Tensor): Tensor => rows(x, size - count, size);
  const turned = judgeAll(
    scope,
    [{ images: eachInOneTurn(last(images)), classes: classes && last(classes) }],
    settings,
  );
  return {
    upright: passes.map(({ real, spread }) => together(real, spread?.[0])),
    rotation: turned.rotation && rotationLoss(turned.rotation),
  };
}

/** Logits [N, 1] of images, and of their group as a whole. */
const together = (logits: Tensor, spread: Tensor | undefined): Tensor =>
  spread ? add(logits, spread) : logits;

/** One pass over all groups. */
const judgeAll = (scope: Scope, groups: readonly Shown[], settings: StepSettings): Judgement =>
  judge(
    scope,
    groups.map(({ images }) => images),
    settings,
    { classes: groups.map(({ classes }) => classes) },
  );

/** Images the rotation head sees in one pass. */
const rotatedImages = ({ objective, training }: StepSettings): number =>
  objective.rotatedBatch / training.accumulate;

/** The last n images of a group in their three other turns. They keep their own classes, where compare_gan gives turned fakes those of reals. */
function turnedGroup({ images, classes }: Shown, n: number): Shown {
  const own = classes && rows(classes, classes.shape[0]! - n, classes.shape[0]!);
  return { images: turnedImages(images, n), classes: own && concat([own, own, own], 0) };
}

/** loss + weight · rotation loss; the rotation loss alone where the adversarial part counts nothing. */
export function supervised(
  adversarial: Tensor,
  rotation: RotationResult | undefined,
  settings: StepSettings,
  weigh: (loss: Tensor) => Tensor,
): Tensor {
  if (!rotation) return adversarial;
  const weighed = weigh(rotation.loss);
  return settings.objective.selfSupervision === "rotation-only" ? weighed : add(adversarial, weighed);
}
