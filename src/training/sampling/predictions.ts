/**
 * The discriminator's opinion of the images people look at: each of the fixed samples and of the
 * fixed real images in the views of the pretext task (of SS-GAN: in its four quarter turns), with
 * the score of the real/fake head and the answers of the task's head. Kept beside every grid of
 * samples, so that a finished run can be explored without an engine.
 */
import { softmax } from "../../base/math/softmax.ts";
import type { Executable, TensorData } from "../../engine/engine.ts";

/** What was said of N images. Flat, for compact files; rounded to three decimals. */
export interface ImagePredictions {
  /** Logits of the real/fake head, [N, V views]: positive means "real". */
  readonly score: readonly number[];
  /**
   * Under the key of the pretext task, the probabilities it gives to each of its K classes, [N, V
   * views, K]; of SS-GAN `rotation`, [N, 4 turns shown, 4 turns guessed]. Absent without a task.
   */
  readonly [task: string]: readonly number[] | undefined;
}

/** `samples/NNNNNNN.judgement.json`. */
export interface SamplePredictions {
  readonly step: number;
  /**
   * The samples through the latest weights, through the averaged ones (absent when averaging is
   * off), and the real images.
   */
  readonly fake: ImagePredictions;
  readonly averaged?: ImagePredictions;
  readonly real: ImagePredictions;
}

/** Images to show to the discriminator. */
export interface DisplayedImages {
  /** uint8 [N, S, S, 3] */
  readonly images: Uint8Array;
  /** Class of each, [N], for a discriminator that is told it. */
  readonly labels: ArrayLike<number | bigint> | undefined;
}

/** What is said of the samples and of the real images after `step`. */
export async function predictSamples(
  predictor: Executable,
  step: number,
  {
    fake,
    averaged,
    real,
  }: {
    readonly fake: DisplayedImages;
    readonly averaged: DisplayedImages | undefined;
    readonly real: DisplayedImages;
  },
): Promise<SamplePredictions> {
  const say = ({ images, labels }: DisplayedImages): Promise<ImagePredictions> =>
    predictImages(predictor, images, labels);
  return {
    step,
    fake: await say(fake),
    ...(averaged && { averaged: await say(averaged) }),
    real: await say(real),
  };
}

/**
 * Show images to the discriminator.
 * @param predictor of `predictionProgram`
 * @param images uint8 [N, S, S, 3]
 * @param labels class of each, [N], for a discriminator that is told it
 */
export async function predictImages(
  predictor: Executable,
  images: Uint8Array,
  labels?: ArrayLike<number | bigint>,
): Promise<ImagePredictions> {
  const { shape } = predictor.program.feeds.find(({ name }) => name === "images")!;
  const [batch = 1, ...rest] = shape;
  const bytes = rest.reduce((a, b) => a * b, 1);
  const count = images.length / bytes;
  const { results } = predictor.program;
  const views = results.find(({ name }) => name === "score")!.shape[0]! / batch;
  const task = results.find(({ name }) => name !== "score");
  const classes = task?.shape[1] ?? 0;
  const score: number[] = [];
  const answers: number[] = [];
  for (let first = 0; first < count; first += batch) {
    const taken = Math.min(batch, count - first);
    const said = await predictor.run(
      feedsFor(predictor, images.subarray(first * bytes, (first + taken) * bytes), labels, first),
    );
    for (let i = 0; i < taken; i++)
      for (let view = 0; view < views; view++) {
        const row = view * batch + i;
        score.push(rounded(Number(said.score![row])));
        if (!task) continue;
        const logits = said[task.name]!.slice(classes * row, classes * (row + 1)) as Float32Array;
        answers.push(...softmax(logits).map(rounded));
      }
  }
  return { score, ...(task && { [task.name]: answers }) };
}

/**
 * Scores of images as they are, one an image.
 * @param scorer of `Steps.scores`: feeds `images` uint8 [M, S, S, 3], [`labels`]; result `score`
 * [M]
 */
export async function scoreImages(
  scorer: Executable,
  { images, labels }: DisplayedImages,
): Promise<number[]> {
  const { shape } = scorer.program.feeds.find(({ name }) => name === "images")!;
  const [batch = 1, ...rest] = shape;
  const bytes = rest.reduce((a, b) => a * b, 1);
  const count = images.length / bytes;
  const scores: number[] = [];
  for (let first = 0; first < count; first += batch) {
    const taken = Math.min(batch, count - first);
    const part = images.subarray(first * bytes, (first + taken) * bytes);
    const { score } = await scorer.run(feedsFor(scorer, part, labels, first));
    for (let i = 0; i < taken; i++) scores.push(Number(score![i]));
  }
  return scores;
}

/** The feeds of one run, filled up with zeros to the size of the program's batch. */
function feedsFor(
  predictor: Executable,
  part: Uint8Array,
  labels: ArrayLike<number | bigint> | undefined,
  first: number,
): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {};
  for (const { name, shape } of predictor.program.feeds) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (name === "images") {
      const filled = new Uint8Array(size);
      filled.set(part);
      feeds.images = filled;
    } else {
      if (!labels) throw new RangeError("the discriminator is told classes: every image needs one");
      feeds.labels = BigInt64Array.from({ length: size }, (_, i) => BigInt(labels[first + i] ?? 0));
    }
  }
  return feeds;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
