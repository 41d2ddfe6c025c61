/**
 * What the discriminator said of one image, taken out of the flat lists of
 * training/sampling/predictions.ts.
 */
import {
  type PretextDescription,
  type PretextView,
  QUARTER_TURN_VIEWS,
} from "../../src/objectives/pretext/description.ts";
import type { ImagePredictions } from "../../src/training/sampling/predictions.ts";

/** One image in one of the task's views. */
export interface ViewPrediction {
  readonly view: PretextView;
  /** Logit of the real/fake head, and the probability it stands for. */
  readonly score: number;
  readonly real: number;
  /** Probability of each class; undefined without a task that answers. */
  readonly guess: readonly number[] | undefined;
  /** Whether the likeliest class is the true one. */
  readonly right: boolean | undefined;
}

/** The views that a run's images are shown in. */
export const viewsOf = (task: PretextDescription | undefined): readonly PretextView[] =>
  task?.views ?? QUARTER_TURN_VIEWS;

/** Of how many images there are predictions. */
export const predictedCount = (predicted: ImagePredictions, task: PretextDescription | undefined): number =>
  predicted.score.length / viewsOf(task).length;

/** The views of image `index`; undefined where nothing was said of it. */
export function viewsOfImage(
  predicted: ImagePredictions | undefined,
  index: number,
  task: PretextDescription | undefined,
): ViewPrediction[] | undefined {
  const views = viewsOf(task);
  const first = views.length * index;
  if (!predicted || predicted.score[first] === undefined) return undefined;
  const answers = task && predicted[task.key];
  const classes = answers ? answers.length / predicted.score.length : 0;
  return views.map((view, v) => {
    const score = predicted.score[first + v]!;
    const from = (first + v) * classes;
    const guess = answers?.slice(from, from + classes);
    return {
      view,
      score,
      real: 1 / (1 + Math.exp(-score)),
      guess,
      right: guess && guess.indexOf(Math.max(...guess)) === view.label,
    };
  });
}

/** Share of all images, in all views, of which the task was told right. */
export function accuracyOf(
  predicted: ImagePredictions,
  task: PretextDescription | undefined,
): number | undefined {
  if (!task || !predicted[task.key]) return undefined;
  const count = predictedCount(predicted, task);
  let right = 0;
  for (let i = 0; i < count; i++)
    right += viewsOfImage(predicted, i, task)!.filter((view) => view.right).length;
  return right / predicted.score.length;
}
