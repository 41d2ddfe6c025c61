/**
 * One discriminator update and one generator update of a golden case on the real engine: the scalar
 * results, all gradients, Adam's moments, all parameters, spectral-norm vectors and running
 * statistics, relative 1e-4 of each tensor's largest value.
 */
import { expect } from "vitest";
import { NO_LABEL } from "../../src/data/store/store.ts";
import type { Engine, TensorData } from "../../src/engine/engine.ts";
import { sizeOf, type Target } from "../../src/graph/index.ts";
import type { Program } from "../../src/graph/program.ts";
import { buildSteps } from "../../src/objectives/build.ts";
import { paperSettings } from "../../src/objectives/paper-settings.ts";
import { predictsClasses } from "../../src/objectives/settings.ts";
import type { Slot, Steps } from "../../src/objectives/steps.ts";
import { expectClose } from "./close.ts";
import { between, firstValue, hashedImages, hashedLabels, secondMoment } from "./hashing.ts";
import {
  type GoldenStep,
  NETWORKS,
  type NetworkName,
  type StepGoldens,
  type StepName,
} from "./step-goldens.ts";

const RELATIVE = 1e-4;
/** How many times the noise of a golden tensor it may be off (test/goldens/README.md). */
const NOISE = 10;

/** Added to the salt for the real images of the generator's step. */
const OTHER_BATCH = 1000;

/** A parameter or buffer of a case at the start. */
export const initialValue = (
  { salt, overrides, settings }: GoldenStep,
  { name, shape }: Pick<Slot, "name" | "shape">,
): Float32Array =>
  name in overrides
    ? Float32Array.from(overrides[name]!)
    : firstValue(salt, name, shape, conditionalKernels(settings.generator));

/** Whether the kernels of gammas hold those of the classes, which lie around 1. */
const conditionalKernels = ({ norm, classEmbedding = 0 }: GoldenStep["settings"]["generator"]): boolean =>
  norm === "conditional" && classEmbedding === 0;

/** What a program of a step is fed, by the feed's name. */
export function feedOf(
  golden: GoldenStep,
  step: StepName,
  name: string,
  shape: readonly number[],
): TensorData {
  const { salt, settings } = golden;
  const { batchSize } = settings.training;
  const letter = step === "dStep" ? "D" : "G";
  const classes = Math.max(settings.data.classes, 1);
  const feeds: Record<string, () => TensorData> = {
    // The generator's step, where it is shown real images, is shown others than the discriminator's.
    images: () =>
      hashedImages(salt + (step === "gStep" ? OTHER_BATCH : 0), batchSize, settings.data.resolution),
    labels: () => givenLabels(golden, step === "gStep" ? "labelsG" : "labels", classes),
    fakeLabels: () => hashedLabels(salt, `fakeLabels${letter}`, batchSize, classes),
    latents: () => between(`${salt}:latents${letter}`, shape, -1.7, 1.7),
    mixing: () => between(`${salt}:mixing`, shape, 0, 1),
    pseudo: () => between(`${salt}:pseudo${letter}`, shape, 0, 1),
    noise: () => between(`${salt}:noise numbers`, shape, 0, 1),
    realTransformations: () => hashedLabels(salt, `realTransformations${letter}`, shape[0]!, 24),
    fakeTransformations: () => hashedLabels(salt, `fakeTransformations${letter}`, shape[0]!, 24),
    augmentReal: () => between(`${salt}:augmentReal${letter}`, shape, 0, 1),
    augmentFake: () => between(`${salt}:augmentFake${letter}`, shape, 0, 1),
  };
  // Noise of a generator. Of an auxiliary loss: a quarter of each image, a step in the latent space (zCR), changes of images.
  if (name === "reconstruction/quadrant") return hashedLabels(salt, `${name}${letter}`, shape[0]!, 4);
  if (name.includes("/")) return between(`${salt}:${name}${letter}`, shape, ...rangeOf(name));
  const feed = feeds[name];
  if (!feed) throw new Error(`the golden values have no feed "${name}"`);
  return feed();
}

/** Labels of real images; where they may be missing one more than there are classes is drawn. */
function givenLabels({ salt, settings }: GoldenStep, name: string, classes: number): BigInt64Array {
  const count = settings.training.batchSize;
  if (!predictsClasses(settings)) return hashedLabels(salt, name, count, classes);
  const drawn = hashedLabels(salt, name, count, classes + 1);
  return drawn.map((label) => (Number(label) === classes ? BigInt(NO_LABEL) : label));
}

const rangeOf = (name: string): [number, number] =>
  name === "zcr/step" || name.startsWith("noise/") ? [-1.7, 1.7] : [0, 1];

/**
 * Run both updates of a case on an engine, for a target that it can run, and compare everything
 * they leave behind.
 */
export async function compareSteps(
  golden: GoldenStep,
  goldens: StepGoldens,
  engine: Engine,
  target: Target,
): Promise<void> {
  const { settings } = golden;
  const steps = buildSteps(paperSettings(settings), target);
  compareLayout(golden, steps);
  const before = initialState(golden, steps);
  await engine.writeState(before);
  await update("discriminator", "dStep", steps.discriminatorStep);
  await update("generator", "gStep", steps.generatorStep);

  async function update(trained: NetworkName, step: StepName, program: Program): Promise<void> {
    const scalars: Record<string, number> = { ...goldens.fed, ...golden.fed, emaDecay: 0.5 };
    const feeds = program.feeds.map(({ name, shape }): [string, TensorData] => [
      name,
      name in scalars ? Float32Array.of(scalars[name]!) : feedOf(golden, step, name, shape),
    ]);
    const executable = await engine.compile(program);
    const results = await executable.run(Object.fromEntries(feeds));
    await executable.release();
    compareResults(golden, step, results);
    await compareBuffers(step);
    await compareTrained(trained, step);
  }

  async function compareBuffers(step: StepName): Promise<void> {
    for (const network of NETWORKS) {
      const { buffers } = steps.layout[network];
      if (buffers.length === 0) continue;
      const now = await engine.readState([`${network}/buffers`]);
      const at = (slot: Slot): Float32Array => part(now[`${network}/buffers`]!, slot);
      for (const slot of buffers) {
        const variance = buffers.find(({ name }) => name === slot.name.replace(/\/mean$/, "/variance"));
        // A mean on the scale of what it is a mean of.
        const scale = slot.name.endsWith("/mean") ? Math.sqrt(Math.max(...at(variance!))) : 0;
        expectGolden(golden, `${step}/buffer/${slot.name}`, at(slot), 1e-5 * scale);
      }
    }
  }

  async function compareTrained(network: NetworkName, step: StepName): Promise<void> {
    const kinds = ["parameters", "adam/m", "adam/v"] as const;
    const now = await engine.readState(kinds.map((kind) => `${network}/${kind}`));
    for (const slot of steps.layout[network].parameters) {
      const [parameter, m, v] = kinds.map((kind) => part(now[`${network}/${kind}`]!, slot));
      const old = (kind: (typeof kinds)[number]): Float32Array => part(before[`${network}/${kind}`]!, slot);
      const key = `${step}/gradient/${slot.name}`;
      // What vanishes in exact arithmetic is rounding noise here; everything else is compared by its own size.
      const vanishes = golden.values.get(key)!.every((g) => g === 0);
      // β₁ is 0 in all cases: m is the gradient.
      expectGolden(golden, key, m!, vanishes ? RELATIVE * golden.largestGradient[step] : 0);
      const expected = adam(old("parameters"), old("adam/v"), m!, golden, goldens);
      const close = { relative: RELATIVE, absolute: 1e-12 };
      expectClose(v!, expected.v, { ...close, name: `${step} v of ${slot.name}` });
      expectClose(parameter!, expected.parameter, { ...close, name: `${step} ${slot.name}` });
    }
  }
}

/** Compare with a golden tensor: 1e-4 of its largest value, and what its noise allows. */
export function expectGolden(golden: GoldenStep, key: string, actual: ArrayLike<number>, absolute = 0): void {
  const [expected, noise] = [golden.values.get(key), golden.noise.get(key)];
  if (!expected || noise === undefined) throw new Error(`the golden values have no ${key}`);
  expectClose(actual, expected, { relative: RELATIVE, absolute: absolute + NOISE * noise, name: key });
}

/**
 * Adam's step with β₁ = 0 by the gradient that was found, in double precision, in TensorFlow's
 * form.
 */
function adam(
  parameter: Float32Array,
  v: Float32Array,
  gradient: Float32Array,
  { settings }: GoldenStep,
  { fed, epsilon }: StepGoldens,
): Readonly<Record<"v" | "parameter", Float32Array>> {
  const { beta2 } = settings.optimizer;
  const next = v.map((old, i) => beta2 * old + (1 - beta2) * gradient[i]! ** 2);
  const step = (i: number): number => (fed.learningRate * gradient[i]!) / (Math.sqrt(next[i]!) + epsilon);
  return { v: next, parameter: parameter.map((p, i) => p - step(i)) };
}

const part = (vector: Float32Array, { offset, shape }: Slot): Float32Array =>
  vector.subarray(offset, offset + sizeOf(shape));

/** The same tensors with the same shapes, whatever their order. */
function compareLayout(golden: GoldenStep, steps: Steps): void {
  for (const network of NETWORKS)
    for (const kind of ["parameters", "buffers"] as const) {
      const lines = (slots: readonly Pick<Slot, "name" | "shape">[], prefix: string): string[] =>
        slots.map(({ name, shape }) => `${prefix}${name} [${shape}]`).sort();
      expect(lines(steps.layout[network][kind], "")).toEqual(
        lines(golden.layout[network][kind], `${network}/`),
      );
    }
}

function initialState(golden: GoldenStep, steps: Steps): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  const join = (slots: readonly Slot[], make: (slot: Slot) => Float32Array): Float32Array =>
    Float32Array.from(slots.flatMap((slot) => [...make(slot)]));
  for (const network of NETWORKS) {
    const { parameters, buffers } = steps.layout[network];
    state[`${network}/parameters`] = join(parameters, (slot) => initialValue(golden, slot));
    state[`${network}/adam/m`] = join(parameters, ({ shape }) => new Float32Array(sizeOf(shape)));
    state[`${network}/adam/v`] = join(parameters, ({ name, shape }) =>
      secondMoment(golden.salt, name, shape),
    );
    if (buffers.length > 0) state[`${network}/buffers`] = join(buffers, (slot) => initialValue(golden, slot));
  }
  state["generator/ema"] = state["generator/parameters"]!.slice();
  return state;
}

function compareResults(
  golden: GoldenStep,
  step: StepName,
  actual: Readonly<Record<string, TensorData>>,
): void {
  const expected = golden.results[step];
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    // A penalty is a sum of squares, in which nothing cancels; zero-centered ones can be small.
    const absolute = name === "penalty" ? 0 : 1e-5;
    expectClose(actual[name]!, [value], { relative: RELATIVE, absolute, name: `${step} ${name}` });
  }
}
