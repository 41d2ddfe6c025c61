/**
 * Rotation (Chen et al. 2019, arXiv 1811.11212, §3; compare_gan gans/ssgan.py): which of four
 * quarter turns was an image given? The head has four outputs.
 */
import { classificationTask } from "./classification-task.ts";
import { type PretextDescription, QUARTER_TURN_VIEWS } from "./description.ts";
import type { PretextTask } from "./pretext-task.ts";
import { quarterTurn, TURNS } from "./quarter-turn.ts";
import type { Transformations } from "./transformations.ts";

/** The four quarter turns as classes. */
export const QUARTER_TURNS: Transformations = { count: TURNS, apply: quarterTurn };

/** What is said of every task about quarter turns. */
export const ROTATION: PretextDescription = {
  key: "rotation",
  summary: "SS-GAN",
  title: "Rotation",
  question: "by which quarter turn an image was rotated",
  classNames: ["0°", "90°", "180°", "270°"],
  classes: "the quarter turns 0°, 90°, 180°, 270° counterclockwise",
  answers: true,
  tellsQuarterTurns: true,
  accuracy: { chance: 0.25, warn: 0.35, recover: 0.45, learned: 0.6 },
  weighted: true,
  unlearnable:
    "If the images have no upright side (textures, views from above), self-supervision by rotation cannot help: set objective.selfSupervision=none. Otherwise check objective.beta and that the images are stored upright.",
  harder: "jigsaw",
  limitation:
    "The rotation head was trained on images that were stored upright; of images without an upright side (textures, views from above) it knows nothing.",
  kind: "A self-supervised GAN (SS-GAN, [arXiv 1811.11212](https://arxiv.org/abs/1811.11212)), whose discriminator also tells by which quarter turn an image was rotated,",
  arxiv: "1811.11212",
  metadata: {
    rotationClasses: JSON.stringify(["0", "90", "180", "270"]),
    rotationDirection: "anticlockwise",
  },
  views: QUARTER_TURN_VIEWS,
};

/** SS-GAN. */
export const rotation: PretextTask = classificationTask(ROTATION, QUARTER_TURNS);

/** The paper's ablation: the adversarial part has weight 0. */
export const rotationOnly: PretextTask = classificationTask(
  { ...ROTATION, summary: "without the adversarial loss, the paper's ablation" },
  QUARTER_TURNS,
  { adversarial: { kind: "weightless" } },
);
