/**
 * The two training steps and the sampler, traced, differentiated and compiled. The arithmetic of a batch is compare_gan's
 * (gans/ssgan.py): N real and N generated images, upright, go into the adversarial loss; the last n = rotatedBatch/4 of each are
 * also shown in their three other turns. The discriminator learns rotation on real images only, the generator is rewarded when
 * the turns of its own images can be told.
 *
 *     D step: one pass over [real N; real turned 3n; fake N]    loss = hinge + β · CE(real turns)
 *     G step: one pass over [fake N; fake turned 3n]            loss = −mean D(fake) + α · CE(fake turns)
 *
 * compare_gan also shows the turned fakes to D in its D step and throws the result away; here they are left out (the networks have
 * no batch statistics in D, so nothing else changes), and the accuracy on fakes is reported by the G step.
 */
import {
  add,
  compile,
  gradients,
  input,
  mean,
  mul,
  sigmoid,
  stopGradient,
  sub,
  substitute,
  type Target,
  type Tensor,
} from "../graph/index.ts";
import type { Program } from "../graph/program.ts";
import { GENERATORS } from "../models/registry.ts";
import { type NetworkTrace, traceNetwork } from "../nn/scope.ts";
import { adamUpdate } from "./adam.ts";
import { ADVERSARIAL_LOSSES } from "./adversarial.ts";
import { flatSize, initialise, layoutOf, pack, unpack } from "./flat.ts";
import { decodeImages, encodeImages, generate, judge, rows, unroundedImages } from "./networks.ts";
import { rotationLoss, TURNS, turnedImages } from "./rotation.ts";
import type { StepSettings } from "./settings.ts";
import type { Steps } from "./steps.ts";

/** Images in one call of the sampler. */
export const SAMPLER_BATCH = 64;

/** Build everything the loop needs. @throws ShapeError when the settings do not fit together (the configuration checks that first) */
export function buildSteps(settings: StepSettings, target: Target, samplerBatch = SAMPLER_BATCH): Steps {
  const discriminator = discriminatorStep(settings, target);
  const generator = generatorStep(settings, target);
  const state = { generator: generator.trace, discriminator: discriminator.trace };
  return {
    discriminatorStep: discriminator.program,
    generatorStep: generator.program,
    sampler: sampler(settings, target, samplerBatch),
    layout: { generator: layoutOf(state.generator), discriminator: layoutOf(state.discriminator) },
    initialState: (seed) => initialState(state, seed),
  };
}

interface TracedStep {
  readonly program: Program;
  /** The network that the step trains. */
  readonly trace: NetworkTrace;
}

const latentsOf = (settings: StepSettings, count: number): Tensor =>
  input("latents", [count, settings.generator.latentSize]);
const turnedCount = (settings: StepSettings): number =>
  settings.objective.selfSupervision === "rotation" ? settings.objective.rotatedBatch / TURNS : 0;

function discriminatorStep(settings: StepSettings, target: Target): TracedStep {
  const { batchSize } = settings.training;
  const { resolution } = settings.data;
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);
  const n = turnedCount(settings);

  const bytes = input("images", [batchSize, resolution, resolution, 3], "uint8");
  const latents = latentsOf(settings, batchSize);
  const real = decodeImages(bytes, GENERATORS[settings.generator.architecture].imageRange);
  const fake = stopGradient(generate(generator.scope, latents, settings));

  const judged = judge(
    discriminator.scope,
    [real, ...(n > 0 ? [turnedImages(real, n)] : []), fake],
    settings,
  );
  const realLogits = rows(judged.real, 0, batchSize);
  const fakeLogits = rows(judged.real, batchSize + 3 * n, 2 * batchSize + 3 * n);
  const adversarial = ADVERSARIAL_LOSSES[settings.objective.loss];
  const lossReal = adversarial.real(realLogits);
  const lossFake = adversarial.fake(fakeLogits);
  const results: Record<string, Tensor> = {
    lossReal,
    lossFake,
    real: mean(sigmoid(realLogits)),
    fake: mean(sigmoid(fakeLogits)),
  };
  let loss = add(lossReal, lossFake);
  if (judged.rotation) {
    const turns = rotationLoss(rows(judged.rotation, batchSize - n, batchSize + 3 * n));
    loss = add(loss, mul(turns.loss, settings.objective.beta));
    Object.assign(results, { rotationLossReal: turns.loss, rotationAccuracyReal: turns.accuracy });
  }
  results.loss = loss;

  const program = finish(
    "discriminatorStep",
    { images: bytes, latents },
    results,
    loss,
    { trained: discriminator, other: generator },
    settings,
    target,
  );
  return { program, trace: discriminator };
}

function generatorStep(settings: StepSettings, target: Target): TracedStep {
  const { batchSize } = settings.training;
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);
  const n = turnedCount(settings);

  const latents = latentsOf(settings, batchSize);
  const fake = generate(generator.scope, latents, settings);
  const judged = judge(discriminator.scope, [fake, ...(n > 0 ? [turnedImages(fake, n)] : [])], settings);
  const fakeLogits = rows(judged.real, 0, batchSize);
  const lossAdversarial = ADVERSARIAL_LOSSES[settings.objective.loss].generator(fakeLogits);
  const results: Record<string, Tensor> = { lossAdversarial, fake: mean(sigmoid(fakeLogits)) };
  let loss = lossAdversarial;
  if (judged.rotation) {
    const turns = rotationLoss(rows(judged.rotation, batchSize - n, batchSize + 3 * n));
    loss = add(loss, mul(turns.loss, settings.objective.alpha));
    Object.assign(results, { rotationLossFake: turns.loss, rotationAccuracyFake: turns.accuracy });
  }
  results.loss = loss;

  const program = finish(
    "generatorStep",
    { latents },
    results,
    loss,
    { trained: generator, other: discriminator },
    settings,
    target,
  );
  return { program, trace: generator };
}

/** Differentiate by the trained network's parameters, add its optimiser, tie the networks to flat state, compile. */
function finish(
  name: string,
  feeds: Record<string, Tensor>,
  results: Record<string, Tensor>,
  loss: Tensor,
  networks: { readonly trained: NetworkTrace; readonly other: NetworkTrace },
  settings: StepSettings,
  target: Target,
): Program {
  const { trained, other } = networks;
  const label = trained.scope.path;
  const gradient = pack(
    gradients(
      loss,
      trained.parameters.map((p) => p.leaf),
    ),
  );
  const parameters = unpack(`${label}/parameters`, trained.parameters);
  const learningRate = input("learningRate", []);
  const moments = { m: input("m", gradient.shape), v: input("v", gradient.shape) };
  const next = adamUpdate(
    { parameters: parameters.vector, ...moments },
    gradient,
    learningRate,
    settings.optimizer,
  );

  const reads: Record<string, Tensor> = {
    [`${label}/parameters`]: parameters.vector,
    [`${label}/adam/v`]: moments.v,
    ...(settings.optimizer.beta1 !== 0 && { [`${label}/adam/m`]: moments.m }),
  };
  const writes: Record<string, Tensor> = {
    [`${label}/parameters`]: next.parameters,
    [`${label}/adam/m`]: next.m,
    [`${label}/adam/v`]: next.v,
  };
  const allFeeds: Record<string, Tensor> = { ...feeds, learningRate };
  const replacements = [parameters.replacements];
  if (label === "generator") {
    const emaDecay = input("emaDecay", []);
    const ema = input("generator/ema", gradient.shape);
    reads["generator/ema"] = ema;
    // In this form a decay of 0 copies the parameters exactly.
    writes["generator/ema"] = add(mul(ema, emaDecay), mul(next.parameters, sub(1, emaDecay)));
    allFeeds.emaDecay = emaDecay;
  }
  const otherParameters = unpack(`${other.scope.path}/parameters`, other.parameters);
  replacements.push(otherParameters.replacements);
  reads[`${other.scope.path}/parameters`] = otherParameters.vector;
  for (const trace of [trained, other]) {
    if (trace.buffers.length === 0) continue;
    const buffers = unpack(`${trace.scope.path}/buffers`, trace.buffers);
    replacements.push(buffers.replacements);
    reads[`${trace.scope.path}/buffers`] = buffers.vector;
    writes[`${trace.scope.path}/buffers`] = pack(trace.buffers.map((b) => b.current));
  }

  const outputs = tie({ results, writes }, replacements);
  return compile({ name, feeds: allFeeds, reads, ...outputs }, target);
}

/** Put the cut-out flat vectors in the place of the networks' leaves. */
function tie(
  outputs: { readonly results: Record<string, Tensor>; readonly writes: Record<string, Tensor> },
  replacements: readonly ReadonlyMap<Tensor, Tensor>[],
): { results: Record<string, Tensor>; writes: Record<string, Tensor> } {
  const all = new Map(replacements.flatMap((map) => [...map]));
  const named = [
    ...Object.entries(outputs.results).map(([k, v]) => [`r:${k}`, v]),
    ...Object.entries(outputs.writes).map(([k, v]) => [`w:${k}`, v]),
  ];
  const tied = substitute(Object.fromEntries(named) as Record<string, Tensor>, all);
  const part = (prefix: string, names: Record<string, Tensor>): Record<string, Tensor> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, tied[`${prefix}:${name}`]!]));
  return { results: part("r", outputs.results), writes: part("w", outputs.writes) };
}

/**
 * The sampler with images as the generator makes them: float32 [M, S, S, 3] in 0…255, not rounded. For protocols that measure those.
 */
export const buildFloatSampler = (
  settings: StepSettings,
  target: Target,
  samplerBatch = SAMPLER_BATCH,
): Program => sampler(settings, target, samplerBatch, unroundedImages);

/** z [M, Z] → images, with running statistics. */
function sampler(settings: StepSettings, target: Target, count: number, encode = encodeImages): Program {
  const generator = traceNetwork("generator", false);
  const latents = latentsOf(settings, count);
  const images = encode(
    generate(generator.scope, latents, settings),
    GENERATORS[settings.generator.architecture].imageRange,
  );
  const parameters = unpack("generator/parameters", generator.parameters);
  const reads: Record<string, Tensor> = { "generator/parameters": parameters.vector };
  const replacements = [parameters.replacements];
  if (generator.buffers.length > 0) {
    const buffers = unpack("generator/buffers", generator.buffers);
    reads["generator/buffers"] = buffers.vector;
    replacements.push(buffers.replacements);
  }
  return compile(
    { name: "sampler", feeds: { latents }, reads, ...tie({ results: { images }, writes: {} }, replacements) },
    target,
  );
}

/** Fresh networks: initialised parameters, zero moments, the moving average equal to the parameters. */
function initialState(
  traces: Readonly<Record<"generator" | "discriminator", NetworkTrace>>,
  seed: number,
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  for (const [name, trace] of Object.entries(traces)) {
    state[`${name}/parameters`] = initialise(trace.parameters, seed);
    const size = flatSize(layoutOf(trace).parameters);
    state[`${name}/adam/m`] = new Float32Array(size);
    state[`${name}/adam/v`] = new Float32Array(size);
    if (trace.buffers.length > 0) state[`${name}/buffers`] = initialise(trace.buffers, seed);
  }
  state["generator/ema"] = state["generator/parameters"]!.slice();
  return state;
}
