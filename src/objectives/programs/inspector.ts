/**
 * The discriminator on its own, as something to ask: is this image real, what does the head of the pretext task
 * say of it (of SS-GAN: by which quarter turn is it rotated?), what do you see in it? In inference mode: vectors
 * of spectral normalization stay as they are. Probes, `orient`, `embed` and the studio run it on the engine;
 * export-discriminator.ts writes it as a file.
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
import { type DiscriminatorOutput, discriminatorOf } from "../networks.ts";
import type { PretextDescription } from "../pretext/description.ts";
import type { PretextTask } from "../pretext/pretext-task.ts";
import { taskOf } from "../pretext/registry.ts";
import type { StepSettings } from "../settings.ts";
import { imageRangeOf } from "../steps/step-inputs.ts";
import type { NetworkLayout } from "../steps.ts";

/** Images in one run of the program, unless said otherwise. */
export const INSPECTOR_BATCH = 64;

/** A block of the discriminator as its features are given out. */
export interface InspectedBlock {
  /** `block1`, in the order of the network. */
  readonly name: string;
  /** Channels, and the side of the pooled map. */
  readonly channels: number;
  readonly side: number;
  /** channels · side² */
  readonly dimensions: number;
}

/** What to ask. */
export interface InspectorOptions {
  /** Images in one run. */
  readonly batch?: number;
  /** Result `score`. A discriminator that is told the class then also feeds `labels` int64 [batch]. Default true. */
  readonly score?: boolean;
  /** The answers of the pretext task, where it gives any. Default true. */
  readonly task?: boolean;
  /** Show the task every image in all its views: of a task about quarter turns, in all four turns. */
  readonly everyView?: boolean;
  /** Results `block1`, `block2`, … and `pooled`: numbers a block's map is pooled to at the most; 1 means the mean over the map. */
  readonly features?: number | undefined;
}

/** The compiled questions. */
export interface Inspector {
  /**
   * Feeds `images` uint8 [batch, S, S, 3], [`labels` int64 [batch]]. Results, float32:
   * `score` [batch], the real/fake logit: higher is more real; the task's answers under its key, logits of its
   * K classes, [batch, K], or with `everyView` [V · batch, K], all images in the first view, then all in the
   * second and so on (of SS-GAN: `rotation`, logits of 0°, 90°, 180°, 270° counterclockwise); `blockN`
   * [batch, dimensions]; `pooled` [batch, F], what the heads read. Reads `discriminator/parameters` and, where
   * there are any, `discriminator/buffers`.
   */
  readonly program: Program;
  /** Blocks whose features are results; empty unless `features` was asked for. */
  readonly blocks: readonly InspectedBlock[];
  /** The task whose answers are a result; undefined where there are none. */
  readonly task: PretextDescription | undefined;
  /** Of the state that the program reads. */
  readonly layout: NetworkLayout;
}

/** Whether a real/fake score is asked for a class: only a projection discriminator is told it. */
export const scoresClasses = (settings: Pick<StepSettings, "discriminator">): boolean =>
  settings.discriminator.conditioning !== "none";

/** Build the questions. @throws ShapeError when the settings do not fit together */
export function buildInspector(
  settings: StepSettings,
  target: Target,
  options: InspectorOptions = {},
): Inspector {
  const { batch = INSPECTOR_BATCH, everyView = false, features } = options;
  const { resolution } = settings.data;
  const trace = traceNetwork("discriminator", false);
  const bytes = input("images", [batch, resolution, resolution, 3], "uint8");
  const labels = scoresClasses(settings) ? input("labels", [batch], "int64") : undefined;
  const images = decodeImages(bytes, imageRangeOf(settings));
  const output = inspectImages(trace, images, labels, settings);
  const asksScore = options.score ?? true;

  const results: Record<string, Tensor> = {};
  if (asksScore) results.score = reshape(output.logits, [batch]);
  const task = taskOf(settings.objective);
  const answers = (options.task ?? true) ? answersOf(output, task) : undefined;
  if (task && answers)
    results[task.description.key] = everyView
      ? inEveryView(task, answers, trace, images, labels, settings)
      : answers;
  const blocks = features === undefined ? [] : output.blocks.map((map, i) => pooledBlock(map, i, features));
  for (const [i, block] of blocks.entries()) results[block.name] = poolTo(output.blocks[i]!, block.side);
  if (features !== undefined) results.pooled = output.pooled;

  const { reads, replacements } = networkState(trace);
  const feeds = { images: bytes, ...(asksScore && labels && { labels }) };
  const program = compile(
    { name: "inspector", feeds, reads, results: substitute(results, replacements) },
    target,
  );
  return { program, blocks, task: answers && task?.description, layout: layoutOf(trace) };
}

/**
 * What the discriminator of `trace` makes of images [N, 3, S, S] in the range of the networks.
 * @param labels int64 [N], for a discriminator that is told the class
 */
export function inspectImages(
  trace: NetworkTrace,
  images: Tensor,
  labels: Tensor | undefined,
  settings: StepSettings,
): DiscriminatorOutput {
  const classes = labels && oneHot(labels, settings.data.classes);
  return discriminatorOf(settings).apply(trace.scope, [{ images, classes }]);
}

/** The task's answers for M images, logits [M, K]; undefined without a task, and for one that gives none. */
export const answersOf = (
  { task: outputs }: DiscriminatorOutput,
  task: PretextTask | undefined,
): Tensor | undefined => outputs && task?.answers?.(outputs);

/**
 * Answers [V · N, K] for N images in all V views, stacked by view. Every view has a pass of its own, so that no
 * more images are in memory at once than one view has.
 * @param first answers [N, K] for the images as they are, which is the first view
 */
function inEveryView(
  task: PretextTask,
  first: Tensor,
  trace: NetworkTrace,
  images: Tensor,
  labels: Tensor | undefined,
  settings: StepSettings,
): Tensor {
  const others = task.description.views.slice(1).map(({ label }) => {
    const seen = inspectImages(trace, task.transform(images, label), labels, settings);
    return answersOf(seen, task)!;
  });
  return concat([first, ...others], 0);
}

/** Block number `i` (from 0), whose map is [N, C, S, S]. */
function pooledBlock(map: Tensor, i: number, limit: number): InspectedBlock {
  const [, channels = 1, height = 1] = map.shape;
  const side = pooledSide(channels, height, limit);
  return { name: `block${i + 1}`, channels, side, dimensions: channels * side * side };
}

/** The largest side a map can be pooled to in equal patches so that no more than `limit` numbers remain; at least 1. */
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
