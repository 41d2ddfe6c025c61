/**
 * The discriminator alone, in inference mode: the score of its real/fake head, the logits of the
 * pretext task's head (of SS-GAN: which rotation?) and the features of its blocks. Nothing is
 * learned, and vectors of spectral normalization stay as they are. One program for all who ask:
 * probes, `orient`, `embed`, the predictions beside grids of samples, scores of held-out images,
 * the studio. export-discriminator.ts writes the same as a file.
 */
import {
  compile,
  concat,
  input,
  mean,
  reshape,
  substitute,
  type Target,
  type Tensor,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { type NetworkTrace, traceNetwork } from "../../nn/scope.ts";
import { layoutOf, networkState } from "../flat.ts";
import { decodeImages, oneHot } from "../images.ts";
import { type DiscriminatorOutput, type DiscriminatorProgramSettings, discriminatorOf } from "../networks.ts";
import type { PretextDescription } from "../pretext/description.ts";
import type { PretextTask } from "../pretext/pretext-task.ts";
import { quarterTurn } from "../pretext/quarter-turn.ts";
import { taskOf, viewsOf } from "../pretext/registry.ts";
import type { ClassSettings } from "../settings.ts";
import { imageRangeOf } from "../steps/step-inputs.ts";
import type { NetworkLayout } from "../steps.ts";

/** Images in one run of the program, unless said otherwise. */
export const DISCRIMINATOR_BATCH = 64;

/**
 * Images in one run where each is shown in all views: with four quarter turns as many passes as
 * above.
 */
export const PREDICTION_BATCH = 16;

/** The features of one block of the discriminator. */
export interface FeatureBlock {
  /** `block1`, in the order of the network. */
  readonly name: string;
  /** Channels, and the side of the pooled map. */
  readonly channels: number;
  readonly side: number;
  /** channels · side² */
  readonly dimensions: number;
}

/** Which results the program has. */
export interface DiscriminatorProgramOptions {
  /** Images in one run. */
  readonly batch?: number;
  /**
   * Result `score`. A discriminator that is told the class then also feeds `labels` int64 [batch].
   * Default true.
   */
  readonly score?: boolean;
  /** The answers of the pretext task, where it gives any. Default true. */
  readonly task?: boolean;
  /**
   * In which views of the pretext task each image is shown (of SS-GAN: the four quarter turns,
   * which stand in where there is no task). Default `first`.
   *
   * - `first`: as it is.
   * - `task`: all of them to the task's head, the first to everything else. A pass for each view,
   *   so that no more images are in memory at once than one view has.
   * - `all`: all of them to everything, in one pass.
   */
  readonly views?: "first" | "task" | "all";
  /**
   * Results `block1`, `block2`, … and `pooled`: numbers a block's map is pooled to at the most; 1
   * means the mean over the map.
   */
  readonly features?: number | undefined;
  /** Result `pooled` alone. Default false. */
  readonly pooled?: boolean;
}

/** The compiled program. */
export interface DiscriminatorProgram {
  /**
   * Feeds `images` uint8 [batch, S, S, 3], [`labels` int64 [batch]]. Results, float32, with M =
   * batch, or with all V views V · batch, all images in the first view, then all in the second and
   * so on: `score` [M], the real/fake logit, higher is more real; the task's logits of its K
   * classes under its key, [M, K] (of SS-GAN `rotation`, of 0°, 90°, 180°, 270° counterclockwise);
   * `blockN` [M, dimensions]; `pooled` [M, F], what the heads read. Reads
   * `discriminator/parameters` and, where there are any, `discriminator/buffers`.
   */
  readonly program: Program;
  /** Blocks whose features are results; empty unless `features` was asked for. */
  readonly blocks: readonly FeatureBlock[];
  /** The task whose logits are a result; undefined where there are none. */
  readonly task: PretextDescription | undefined;
  /** Of the state that the program reads. */
  readonly layout: NetworkLayout;
}

/** Whether a real/fake score is asked for a class: only a projection discriminator is told it. */
export const scoresClasses = (settings: Pick<ClassSettings, "discriminator">): boolean =>
  settings.discriminator.conditioning !== "none";

/**
 * Trace and compile the discriminator with the results that are asked for.
 * @throws ShapeError when the settings do not fit together
 */
export function discriminatorProgram(
  settings: DiscriminatorProgramSettings,
  target: Target,
  options: DiscriminatorProgramOptions = {},
): DiscriminatorProgram {
  const { batch = DISCRIMINATOR_BATCH, views = "first", features, pooled = features !== undefined } = options;
  const { resolution } = settings.data;
  const trace = traceNetwork("discriminator", false);
  const bytes = input("images", [batch, resolution, resolution, 3], "uint8");
  const labels = scoresClasses(settings) ? input("labels", [batch], "int64") : undefined;
  const task = taskOf(settings.objective);
  const images = decodeImages(bytes, imageRangeOf(settings));
  const shown = views === "all" ? inAllViews(task, images, labels) : { images, labels };
  const output = applyDiscriminator(trace, shown.images, shown.labels, settings);
  const asksScore = options.score ?? true;

  const results: Record<string, Tensor> = {};
  if (asksScore) results.score = reshape(output.logits, [output.logits.shape[0] ?? batch]);
  const answers = (options.task ?? true) ? taskLogits(output, task) : undefined;
  if (task && answers)
    results[task.description.key] =
      views === "task" ? viewByView(task, answers, trace, images, labels, settings) : answers;
  const blocks = features === undefined ? [] : output.blocks.map((map, i) => pooledBlock(map, i, features));
  for (const [i, block] of blocks.entries()) results[block.name] = poolTo(output.blocks[i]!, block.side);
  if (pooled) results.pooled = output.pooled;

  const { reads, replacements } = networkState(trace);
  const feeds = { images: bytes, ...(asksScore && labels && { labels }) };
  const program = compile(
    { name: "discriminator", feeds, reads, results: substitute(results, replacements) },
    target,
  );
  return { program, blocks, task: answers && task?.description, layout: layoutOf(trace) };
}

/**
 * The outputs of the discriminator of `trace` for images [N, 3, S, S] in the range of the networks.
 * @param labels int64 [N], for a discriminator that is told the class
 */
export function applyDiscriminator(
  trace: NetworkTrace,
  images: Tensor,
  labels: Tensor | undefined,
  settings: DiscriminatorProgramSettings,
): DiscriminatorOutput {
  const classes = labels && oneHot(labels, settings.data.classes);
  return discriminatorOf(settings).apply(trace.scope, [{ images, classes }]);
}

/**
 * The task's logits for M images, [M, K]; undefined without a task, and for one that gives none.
 */
export const taskLogits = (
  { task: outputs }: DiscriminatorOutput,
  task: PretextTask | undefined,
): Tensor | undefined => outputs && task?.answers?.(outputs);

/**
 * N images in all V views with their labels, [V · N, …]. Without a task: in the four quarter turns.
 */
function inAllViews(
  task: PretextTask | undefined,
  images: Tensor,
  labels: Tensor | undefined,
): { readonly images: Tensor; readonly labels: Tensor | undefined } {
  const shown = viewsOf(task?.description).map(({ label }) =>
    (task?.transform ?? quarterTurn)(images, label),
  );
  const repeated = labels && concat(new Array<Tensor>(shown.length).fill(labels), 0);
  return { images: concat(shown, 0), labels: repeated };
}

/**
 * The task's logits [V · N, K] for N images in all V views, a pass for each view.
 * @param first logits [N, K] for the images as they are, which is the first view
 */
function viewByView(
  task: PretextTask,
  first: Tensor,
  trace: NetworkTrace,
  images: Tensor,
  labels: Tensor | undefined,
  settings: DiscriminatorProgramSettings,
): Tensor {
  const others = task.description.views.slice(1).map(({ label }) => {
    const output = applyDiscriminator(trace, task.transform(images, label), labels, settings);
    return taskLogits(output, task)!;
  });
  return concat([first, ...others], 0);
}

/** Block number `i` (from 0), whose map is [N, C, S, S]. */
function pooledBlock(map: Tensor, i: number, limit: number): FeatureBlock {
  const [, channels = 1, height = 1] = map.shape;
  const side = pooledSide(channels, height, limit);
  return { name: `block${i + 1}`, channels, side, dimensions: channels * side * side };
}

/**
 * The largest side a map can be pooled to in equal patches so that no more than `limit` numbers
 * remain; at least 1.
 */
export function pooledSide(channels: number, side: number, limit: number): number {
  for (let pooled = side; pooled > 1; pooled--)
    if (side % pooled === 0 && channels * pooled * pooled <= limit) return pooled;
  return 1;
}

/** x [N, C, S, S] → [N, C · side²]: means over equal patches. */
export function poolTo(x: Tensor, side: number): Tensor {
  const [n = 1, c = 1, s = 1] = x.shape;
  const patch = s / side;
  return reshape(mean(reshape(x, [n, c, side, patch, side, patch]), [3, 5]), [n, c * side * side]);
}
