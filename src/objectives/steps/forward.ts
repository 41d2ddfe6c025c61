/**
 * How a step shows images to the discriminator: upright ones for the adversarial loss, and the
 * views that the pretext task asked for. The discriminator's step does it with real images first,
 * the generator's with generated ones; the arithmetic is one. transformations.ts says what the two
 * ways of showing views are.
 */
import { add, type Tensor } from "../../graph/index.ts";
import type { Scope } from "../../nn/scope.ts";
import type { KindOutput } from "../auxiliary/auxiliary.ts";
import { rows } from "../images.ts";
import type { Discriminator, DiscriminatorOutput } from "../networks.ts";
import type { ImageBatch, Kind, SeenKinds, SeenViews, TaskViews } from "../pretext/pretext-task.ts";

/** Upright images of one kind, [N, 3, S, S], and what the task wants to see of them. */
export interface Group {
  readonly kind: Kind;
  readonly batch: ImageBatch;
  readonly views: TaskViews | undefined;
}

/** What the discriminator said. */
export interface Forward {
  /**
   * Real/fake logits [N, 1] of the upright images of each kind that was shown. A kind is missing
   * where a task replaces the adversarial head and looks at transformed images alone.
   */
  readonly logits: Readonly<Partial<Record<Kind, Tensor>>>;
  /** What the adversarial loss is of, [N, P]: the same, or logits of patches. */
  readonly scores: Readonly<Partial<Record<Kind, Tensor>>>;
  /** Outputs of the task's heads for the views of each kind that it looks at. */
  readonly seen: SeenKinds;
  /** What was seen in the upright images of a kind; undefined where they were not shown. */
  outputFor(kind: Kind): KindOutput | undefined;
}

/** Show groups of images to the discriminator. @param scope the discriminator's */
export function forward(scope: Scope, groups: readonly Group[], discriminator: Discriminator): Forward {
  return groups.some(({ views }) => views?.pass === "own")
    ? inPasses(scope, groups, discriminator)
    : together(scope, groups, discriminator);
}

/** One pass over all images, the views of a group behind its upright ones. */
function together(scope: Scope, groups: readonly Group[], discriminator: Discriminator): Forward {
  const parts = groups.flatMap(({ batch, views }) => [batch, ...(views?.extra ? [views.extra] : [])]);
  const output = discriminator.apply(scope, parts, "primary");
  const places: Partial<Record<Kind, readonly [number, number]>> = {};
  const logits: Partial<Record<Kind, Tensor>> = {};
  const scores: Partial<Record<Kind, Tensor>> = {};
  const seen: Partial<Record<Kind, SeenViews>> = {};
  let start = 0;
  for (const { kind, batch, views } of groups) {
    const end = start + count(batch);
    places[kind] = [start, end];
    const spread = output.spread?.[parts.indexOf(batch)];
    logits[kind] = withSpread(rows(output.logits, start, end), spread);
    scores[kind] =
      output.scores === output.logits ? logits[kind] : withSpread(rows(output.scores, start, end), spread);
    const last = end + (views?.extra ? count(views.extra) : 0);
    if (views) seen[kind] = seenRows(output, views, end - views.upright, last);
    start = last;
  }
  return { logits, scores, seen, outputFor: (kind) => places[kind] && outputRows(output, ...places[kind]) };
}

/** Rows `start … end − 1` of what was seen. */
function outputRows(output: DiscriminatorOutput, start: number, end: number): KindOutput {
  const { logits, blocks, pooled, half, classLogits } = output;
  const cut = (x: Tensor): Tensor => rows(x, start, end);
  const features = { blocks: blocks.map(cut), pooled: cut(pooled), ...(half && { half: cut(half) }) };
  return { logits: cut(logits), features, ...(classLogits && { classLogits: cut(classLogits) }) };
}

/** Outputs of the task's heads in rows `start … end − 1`, with the labels of these views. */
export function seenRows(
  { task }: DiscriminatorOutput,
  views: TaskViews,
  start: number,
  end: number,
): SeenViews {
  const outputs = Object.entries(task ?? {}).map(([name, x]) => [name, rows(x, start, end)] as const);
  return { outputs: Object.fromEntries(outputs), labels: views.labels };
}

/** A pass for the upright images of each group, then one for the views of each. */
function inPasses(scope: Scope, groups: readonly Group[], discriminator: Discriminator): Forward {
  const upright: Partial<Record<Kind, DiscriminatorOutput>> = {};
  const logits: Partial<Record<Kind, Tensor>> = {};
  const scores: Partial<Record<Kind, Tensor>> = {};
  const seen: Partial<Record<Kind, SeenViews>> = {};
  const replaced = discriminator.task?.adversarial.kind === "replaced";
  for (const { kind, batch } of replaced ? [] : groups) {
    const output = discriminator.apply(scope, [batch], "primary");
    upright[kind] = output;
    logits[kind] = withSpread(output.logits, output.spread?.[0]);
    scores[kind] =
      output.scores === output.logits ? logits[kind] : withSpread(output.scores, output.spread?.[0]);
  }
  for (const { kind, views } of groups) {
    if (!views?.extra) continue;
    const { task = {} } = discriminator.apply(scope, [views.extra], "primary");
    seen[kind] = { outputs: task, labels: views.labels };
  }
  return { logits, scores, seen, outputFor: (kind) => upright[kind] && uprightOutput(upright[kind]) };
}

/** What was seen in all images of a pass. */
export const uprightOutput = ({
  logits,
  blocks,
  pooled,
  half,
  classLogits,
}: DiscriminatorOutput): KindOutput => ({
  logits,
  classLogits,
  features: { blocks, pooled, ...(half && { half }) },
});

const count = ({ images }: ImageBatch): number => images.shape[0]!;

/** Logits [N, 1] of images, and of their group as a whole. */
const withSpread = (logits: Tensor, spread: Tensor | undefined): Tensor =>
  spread ? add(logits, spread) : logits;
