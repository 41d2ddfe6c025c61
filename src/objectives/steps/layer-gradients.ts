/**
 * The gradient of the discriminator's loss by its own parameters, for looking at, on images that
 * are given. It is the loss of training with all that chance decides left out: images as they are,
 * without augmentation; every view of the pretext task instead of some; inference mode, so that
 * vectors of spectral normalization stay; no penalty, whose random points would be others every
 * time, and no auxiliary loss. No state is written.
 */
import { add, compile, gradients, input, substitute, type Target, type Tensor } from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { traceNetwork } from "../../nn/scope.ts";
import { layoutOf, networkState, pack } from "../flat.ts";
import { decodeImages } from "../images.ts";
import type { Kind } from "../pretext/pretext-task.ts";
import { taskOf } from "../pretext/registry.ts";
import { scoresClasses } from "../programs/discriminator-program.ts";
import type { StepSettings } from "../settings.ts";
import type { NetworkLayout } from "../steps.ts";
import { forward, type Group } from "./forward.ts";
import { partsOf } from "./parts.ts";
import { imageRangeOf } from "./step-inputs.ts";
import { discriminatorGame, withPretext } from "./step-losses.ts";

/** Real images, and as many generated ones, in one run of the program. */
export const GRADIENT_BATCH = 16;

/** The gradient as a program. */
export interface LayerGradients {
  /**
   * Feeds `real` and `fake`, uint8 [M, S, S, 3], and `beta` [], the task's weight, where it has one
   * of its own; results `loss` [] and its `gradient` [P], in the order of `layout.parameters`.
   */
  readonly program: Program;
  readonly layout: NetworkLayout;
}

/**
 * Trace and compile the gradient of the discriminator's loss by its parameters.
 * @param count M
 * @returns undefined for a discriminator that is told classes: those of the images are not known
 */
export function layerGradients(
  settings: StepSettings,
  target: Target,
  count = GRADIENT_BATCH,
): LayerGradients | undefined {
  if (scoresClasses(settings)) return undefined;
  const { resolution } = settings.data;
  const range = imageRangeOf(settings);
  const parts = partsOf(settings);
  const task = taskOf(settings.objective);
  const trace = traceNetwork("discriminator", false);
  const bytes = (kind: Kind): Tensor => input(kind, [count, resolution, resolution, 3], "uint8");
  const feeds = { real: bytes("real"), fake: bytes("fake") };
  const groups = (["real", "fake"] as const).map((kind): Group => {
    const batch = { images: decodeImages(feeds[kind], range), classes: undefined };
    const views = task?.sees.discriminatorStep.includes(kind)
      ? task.views(batch, kind, { batching: "all", count: count * task.transformations, draw })
      : undefined;
    return { kind, batch, views };
  });
  const output = forward(trace.scope, groups, parts.discriminator);
  // Their tensors belong to the discriminator, though nothing here is pulled at by them.
  for (const term of parts.discriminator.auxiliaries)
    parts.discriminator.auxiliary(trace.scope, term, () => output.outputFor("real")!.features);
  const answered = task?.discriminatorLoss(output.seen, parts.loss.name);
  const { shares } = discriminatorGame(parts, output, answered);
  const adversarial = add(shares.real, shares.fake);
  let beta: Tensor | undefined;
  const loss = withPretext(adversarial, answered, parts.pretext, () => {
    beta = input("beta", []);
    return beta;
  });
  const leaves = trace.parameters.map(({ leaf }) => leaf);
  const { reads, replacements } = networkState(trace);
  const results = substitute({ loss, gradient: pack(gradients(loss, leaves)) }, replacements);
  const program = compile(
    { name: "layerGradients", feeds: { ...feeds, ...(beta && { beta }) }, reads, results },
    target,
  );
  return { program, layout: layoutOf(trace) };
}

/** Shown in every view, images need no chance. */
function draw(name: string): never {
  throw new Error(`${name}: a task that is shown every view draws nothing`);
}
