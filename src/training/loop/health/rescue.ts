/**
 * `train --rescue`: a run whose generator has collapsed goes back to the last checkpoint from
 * before it, and on from there with something changed. What is changed was measured
 * (docs/quality.md): of the games that were tried on drawings only a Wasserstein critic with a
 * gradient penalty and without spectral normalization kept them apart. Where that is played
 * already, the learning rates are halved.
 *
 * All of this follows from the record and the configuration, so a run that was killed anywhere in
 * between ends in the same bits.
 */
import { sizeOf } from "../../../graph/index.ts";
import { AUXILIARY_NAMES } from "../../../objectives/auxiliary/registry.ts";
import type { Steps } from "../../../objectives/steps.ts";
import type { SampleEvent } from "../../events.ts";
import { WASSERSTEIN } from "../../plan.ts";
import type { NamedState } from "../../run/checkpoint/weights.ts";
import type { Rescue, RescueValues } from "../control/adjustable.ts";
import { observeSample, UNOBSERVED } from "./health.ts";

/** Whether a buffer of the discriminator is the state of a run and not of a network. */
const isRunState = (name: string): boolean =>
  ["adaptive", ...AUXILIARY_NAMES].some((owner) => name.startsWith(`discriminator/${owner}/`)) &&
  !name.endsWith("/u");

/** Warnings that a run is rescued from. */
export const COLLAPSES: ReadonlySet<string> = new Set(["collapsed-generator", "samples-alike"]);

const RATES = ["optimizer.learningRate", "optimizer.discriminatorLearningRate"] as const;

/**
 * What to change. @param flat the configuration in force, by path
 * @returns the values that become other ones, as they were and as they shall be
 */
export function rescueChange(flat: Readonly<Record<string, unknown>>): Omit<Rescue, "seen"> {
  const differs = (path: string, value: unknown): boolean => flat[path] !== value;
  // A critic's scores have no level that an adaptive augmentation could go by.
  const adapts = (flat["training.adaptive"] ?? "none") !== "none";
  const others = {
    "objective.penalties": "none",
    "optimizer.discriminatorLearningRate": null,
    ...(adapts && { "training.adaptive": "none" }),
  };
  const wanted: RescueValues = { ...WASSERSTEIN, ...others };
  const game = ["objective.loss", "objective.penalty", "discriminator.spectralNorm"] as const;
  const to: RescueValues = game.some((path) => differs(path, wanted[path]))
    ? Object.fromEntries(Object.entries(wanted).filter(([path, value]) => differs(path, value)))
    : Object.fromEntries(
        RATES.flatMap((path) => (typeof flat[path] === "number" ? [[path, flat[path] / 2]] : [])),
      );
  const from = Object.fromEntries(Object.keys(to).map((path) => [path, flat[path] as number]));
  return { from, to };
}

/**
 * The step to go back to: that of the last checkpoint that was saved no later than the last grid
 * which showed no collapse.
 * @param samples grids of the run up to the collapse, in their order
 * @param kept steps of the checkpoints
 * @param every steps between two regular checkpoints: others depend on when somebody stopped the
 * run
 * @returns 0 where there is none
 */
export function stepBefore(samples: readonly SampleEvent[], kept: readonly number[], every: number): number {
  const last = lastGoodGrid(samples) ?? 0;
  return Math.max(0, ...kept.filter((step) => step % every === 0 && step <= last));
}

/** Step of the last grid after which nothing spoke for a collapse. */
export function lastGoodGrid(samples: readonly SampleEvent[]): number | undefined {
  let state = UNOBSERVED;
  let last: number | undefined;
  for (const sample of samples) {
    if (sample.asked) continue;
    state = observeSample(state, sample).state;
    const isBad = state.lowDiversity > 0 || (state.alarms?.alike ?? 0) > 0;
    if (!isBad) last = sample.step;
  }
  return last;
}

/** What was changed, in words: `objective.loss from hinge to wasserstein, …`. */
export const rescueInWords = ({ from, to }: Pick<Rescue, "from" | "to">): string =>
  Object.entries(to)
    .map(([path, value]) => `${path} from ${String(from[path])} to ${String(value)}`)
    .join(", ");

/**
 * The weights with kernels divided by their spectral norms, where they had such norms and the new
 * networks have none: the discriminator says the same of every image as before. σ is that of the
 * power iteration which would have come next (nn/spectral-norm.ts).
 * @param layout of the new networks
 */
export function withoutSpectralNorm(named: NamedState, layout: Steps["layout"]): NamedState {
  const left = new Set(
    [...layout.generator.buffers, ...layout.discriminator.buffers].map(({ name }) => name),
  );
  const weights = new Map(named.weights);
  for (const [name, u] of named.weights) {
    if (!name.endsWith("/u") || left.has(name)) continue;
    weights.delete(name);
    const path = `${name.slice(0, -"u".length)}kernel`;
    const kernel = named.weights.get(path);
    if (kernel?.data instanceof Float32Array && u.data instanceof Float32Array)
      weights.set(path, { shape: kernel.shape, data: divided(kernel.data, u.data) });
  }
  return { weights, rest: named.rest };
}

/**
 * The weights with what a run has learned of itself at its beginning: moving averages of scores and
 * the probability of an adaptive augmentation belong to the run that they are of. All of it begins
 * at 0.
 * @param layout of the new networks
 */
export function withFreshRunState(named: NamedState, layout: Steps["layout"]): NamedState {
  const weights = new Map(named.weights);
  for (const { name, shape } of layout.discriminator.buffers)
    if (isRunState(name)) weights.set(name, { shape, data: new Float32Array(sizeOf(shape)) });
  return { weights, rest: named.rest };
}

/** @param kernel [rows, columns] @param u [columns] */
function divided(kernel: Float32Array, u: Float32Array): Float32Array {
  const columns = u.length;
  const rows = kernel.length / columns;
  const at = (row: number, column: number): number => kernel[row * columns + column]!;
  const times = (vector: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += at(row, column) * vector[column]!;
      return sum;
    });
  const v = unit(times(u));
  const next = new Float64Array(columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) next[column]! += at(row, column) * v[row]!;
  const sigma = times(unit(next)).reduce((sum, value, row) => sum + value * v[row]!, 0);
  return kernel.map((value) => value / sigma);
}

const unit = (vector: Float64Array): Float64Array => {
  const length = Math.sqrt(
    Math.max(
      1e-12,
      vector.reduce((sum, value) => sum + value * value, 0),
    ),
  );
  return vector.map((value) => value / length);
};
