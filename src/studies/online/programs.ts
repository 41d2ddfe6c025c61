/**
 * The classifier of the online study: the discriminator of a GAN with its real/fake head as the
 * binary classifier, and its rotation head. One program makes a training step, another judges test
 * images.
 */
import {
  add,
  compile,
  concat,
  gradients,
  input,
  mean,
  mul,
  neg,
  type Outputs,
  positive,
  sizeOf,
  softplus,
  sub,
  substitute,
  type Target,
  type Tensor,
} from "../../graph/index.ts";
import type { Program } from "../../graph/program.ts";
import { type NetworkTrace, traceNetwork } from "../../nn/scope.ts";
import { flatSize, initialize, layoutOf, networkState, pack } from "../../objectives/flat.ts";
import { decodeImages, rows } from "../../objectives/images.ts";
import { type DiscriminatorProgramSettings, discriminatorOf } from "../../objectives/networks.ts";
import { paperSettings } from "../../objectives/paper-settings.ts";
import { discriminatorProgram } from "../../objectives/programs/discriminator-program.ts";
import type { StepSettings } from "../../objectives/settings.ts";
import { type AdamState, adamUpdate } from "../../objectives/steps/adam.ts";
import { seenRows } from "../../objectives/steps/forward.ts";
import { imageRangeOf } from "../../objectives/steps/step-inputs.ts";
import type { NetworkLayout } from "../../objectives/steps.ts";
import type { OnlineSettings } from "./settings.ts";

/** Images that `predictor` takes at once. */
export const PREDICTION_BATCH = 250;

/**
 * The compiled study. Its state: `discriminator/parameters`, `…/adam/m`, `…/adam/v`, `…/buffers`,
 * float32, flat. With momentum instead of Adam the velocity is in `…/adam/m`.
 */
export interface OnlinePrograms {
  /**
   * Feeds `images` uint8 [N, S, S, 3], `targets` float32 [N, 1] (1 for the task's class, else 0),
   * `learningRate` [] (with Adam's bias correction). Results `loss`, `accuracy`, and with
   * self-supervision `rotationLoss`, `rotationAccuracy`, all float32 [].
   */
  readonly step: Program;
  /**
   * Feeds `images` uint8 [PREDICTION_BATCH, S, S, 3]; results `score` float32 [PREDICTION_BATCH],
   * above 0 for the task's class, and what the head reads, `pooled` float32 [PREDICTION_BATCH,
   * F].
   */
  readonly predictor: Program;
  readonly layout: NetworkLayout;
  initialState(seed: number): Record<string, Float32Array>;
  /**
   * The state with a head as at the beginning of a study with this seed, and nothing remembered of
   * the old one's gradients.
   */
  withFreshHead(state: Readonly<Record<string, Float32Array>>, seed: number): Record<string, Float32Array>;
}

/** The head that answers, of single logits or of patches. */
const HEADS = ["discriminator/finalFc/", "discriminator/patches/"];

/** Build both programs. */
export function buildOnline(settings: OnlineSettings, target: Target): OnlinePrograms {
  const steps = stepSettings(settings);
  const { program, trace } = trainingStep(settings, steps, target);
  return {
    step: program,
    predictor: discriminatorProgram(steps, target, { batch: PREDICTION_BATCH, task: false, pooled: true })
      .program,
    layout: layoutOf(trace),
    initialState(seed) {
      const parameters = initialize(trace.parameters, seed);
      const zeros = () => new Float32Array(flatSize(layoutOf(trace).parameters));
      return {
        "discriminator/parameters": parameters,
        "discriminator/adam/m": zeros(),
        "discriminator/adam/v": zeros(),
        ...(trace.buffers.length > 0 && { "discriminator/buffers": initialize(trace.buffers, seed) }),
      };
    },
    withFreshHead(state, seed) {
      const fresh = initialize(trace.parameters, seed);
      const next = Object.fromEntries(Object.entries(state).map(([name, values]) => [name, values.slice()]));
      for (const { name, offset, shape } of layoutOf(trace).parameters) {
        if (!HEADS.some((head) => name.startsWith(head))) continue;
        const end = offset + sizeOf(shape);
        next["discriminator/parameters"]!.set(fresh.subarray(offset, end), offset);
        next["discriminator/adam/m"]!.fill(0, offset, end);
        next["discriminator/adam/v"]!.fill(0, offset, end);
      }
      return next;
    },
  };
}

/** What the classifier is made of. */
type ClassifierSettings = DiscriminatorProgramSettings & {
  readonly objective: Pick<StepSettings["objective"], "loss">;
};

/** The discriminator of a GAN that is never trained: what the layers below want to know. */
const stepSettings = ({
  resolution,
  network,
  selfSupervision,
  ...rest
}: OnlineSettings): ClassifierSettings =>
  paperSettings({
    data: { resolution },
    // Never made; it says what range its images would have.
    generator: { architecture: network.architecture },
    discriminator: network,
    objective: { selfSupervision, rotatedBatch: rest.rotatedBatch },
    training: { batchSize: rest.batchSize },
  });

function trainingStep(
  settings: OnlineSettings,
  steps: ClassifierSettings,
  target: Target,
): { program: Program; trace: NetworkTrace } {
  const { resolution, batchSize, rotatedBatch, variation = {} } = settings;
  const trace = traceNetwork("discriminator", true);
  const bytes = input("images", [batchSize, resolution, resolution, 3], "uint8");
  const targets = input("targets", [batchSize, 1]);
  const learningRate = input("learningRate", []);
  const images = decodeImages(bytes, imageRangeOf(steps));

  const network = discriminatorOf(steps);
  const batch = { images, classes: undefined };
  const views = network.task?.views(batch, "real", { batching: "all", count: rotatedBatch, draw: undrawn });
  const output = network.apply(trace.scope, [batch, ...(views?.extra ? [views.extra] : [])]);
  const logits = rows(output.logits, 0, batchSize);
  const n = views?.upright ?? 0;
  // Stacked by turn, so the labels of the last n images come three times more.
  const classLoss =
    variation.labelRotated && n > 0
      ? crossEntropy(
          output.logits,
          concat([targets, ...repeated(rows(targets, batchSize - n, batchSize))], 0),
        )
      : crossEntropy(logits, targets);
  const results: Record<string, Tensor> = { accuracy: binaryAccuracy(logits, targets) };
  let loss = classLoss;
  if (network.task && views) {
    const seen = { real: seenRows(output, views, batchSize - n, output.logits.shape[0]!) };
    const task = network.task.discriminatorLoss(seen, steps.objective.loss);
    loss = add(loss, mul(task.loss, settings.beta));
    Object.assign(results, { rotationLoss: task.loss, rotationAccuracy: task.measures.accuracyReal });
  }
  results.loss = loss;

  const gradient = pack(
    gradients(
      loss,
      trace.parameters.map(({ leaf }) => leaf),
    ),
  );
  const m = input("discriminator/adam/m", gradient.shape);
  const v = input("discriminator/adam/v", gradient.shape);
  const { reads, replacements } = networkState(trace);
  const parameters = reads["discriminator/parameters"]!;
  const { momentum } = variation;
  const next =
    momentum === undefined
      ? adamUpdate({ parameters, m, v }, gradient, learningRate, settings)
      : momentumUpdate({ parameters, m, v }, gradient, learningRate, momentum);
  const writes = {
    "discriminator/parameters": next.parameters,
    "discriminator/adam/m": next.m,
    "discriminator/adam/v": next.v,
    ...(trace.buffers.length > 0 && {
      "discriminator/buffers": pack(trace.buffers.map(({ current }) => current)),
    }),
  };
  const program = compile(
    {
      name: "onlineStep",
      feeds: { images: bytes, targets, learningRate },
      reads: {
        ...reads,
        ...((momentum !== undefined || settings.beta1 !== 0) && { "discriminator/adam/m": m }),
        "discriminator/adam/v": v,
      },
      results: substitute(results, replacements),
      writes: substitute(writes as Outputs, replacements),
    },
    target,
  );
  return { program, trace };
}

/** For each turn but the upright one. */
const repeated = (x: Tensor): readonly Tensor[] => [x, x, x];

/**
 * Gradient descent with momentum: u ← μ u + g, p ← p − α u, the velocity u in the place of Adam's
 * first moment.
 */
function momentumUpdate(
  { parameters, m, v }: AdamState,
  gradient: Tensor,
  learningRate: Tensor,
  momentum: number,
): AdamState {
  const velocity = add(mul(m, momentum), gradient);
  return { parameters: sub(parameters, mul(velocity, learningRate)), m: velocity, v };
}
/** The study's task draws nothing. */
const undrawn = (): never => {
  throw new Error("the online study has no feeds of random numbers");
};

/**
 * Mean cross-entropy of logits [N, 1] with targets y ∈ {0, 1}: y · log(1 + e^−l) + (1 − y) · log(1
 * + e^l).
 */
function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return mean(add(mul(targets, softplus(neg(logits))), mul(sub(1, targets), softplus(logits))));
}

/** Share of images on the right side of 0. */
function binaryAccuracy(logits: Tensor, targets: Tensor): Tensor {
  const wrong = sub(positive(logits), targets);
  return sub(1, mean(mul(wrong, wrong)));
}
