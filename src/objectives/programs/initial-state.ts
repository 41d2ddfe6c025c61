/** What a GAN under training owns, found out by tracing its networks once, and how that begins. */
import { input } from "../../graph/index.ts";
import { kernelsBegin } from "../../nn/initialization.ts";
import { type NetworkTrace, traceNetwork } from "../../nn/scope.ts";
import { flatSize, initialize, layoutOf } from "../flat.ts";
import {
  type DiscriminatorProgramSettings,
  discriminatorOf,
  type GeneratorProgramSettings,
  generate,
} from "../networks.ts";
import { type StepSettings, usesClasses } from "../settings.ts";
import type { Steps } from "../steps.ts";

/** What both networks are made of. */
export type NetworkSettings = GeneratorProgramSettings & DiscriminatorProgramSettings;

/** Both networks, traced and not compiled. */
export interface TracedNetworks {
  readonly generator: NetworkTrace;
  readonly discriminator: NetworkTrace;
}

/**
 * Trace both networks in training mode on a batch of two.
 * @throws ShapeError when the settings do not fit together
 */
export function traceNetworks(settings: NetworkSettings): TracedNetworks {
  const count = 2;
  const { resolution } = settings.data;
  const generator = traceNetwork("generator", true);
  const discriminator = traceNetwork("discriminator", true);
  const classes = usesClasses(settings) ? input("classes", [count, settings.data.classes]) : undefined;
  generate(generator.scope, { z: input("z", [count, settings.generator.latentSize]), classes }, settings);
  const images = input("images", [count, 3, resolution, resolution]);
  discriminatorOf(settings).apply(discriminator.scope, [{ images, classes }]);
  return { generator, discriminator };
}

/**
 * Where every tensor of the two networks lies in the flat vectors. Costs a trace, no compilation.
 */
export function networkLayout(settings: NetworkSettings, traces = traceNetworks(settings)): Steps["layout"] {
  return { generator: layoutOf(traces.generator), discriminator: layoutOf(traces.discriminator) };
}

/** Residual blocks of a network. */
const blocksOf = ({ parameters }: NetworkTrace): number =>
  parameters.filter(({ name }) => /\/block\d+\/conv2\/kernel$/.test(name)).length;

/**
 * Fresh networks: initialized parameters, zero moments and gradients, the moving average equal to
 * the parameters.
 */
export function initialState(
  settings: NetworkSettings & { readonly training: Pick<StepSettings["training"], "accumulate"> },
  seed: number,
  traces: TracedNetworks = traceNetworks(settings),
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  for (const [name, trace] of Object.entries(traces) as [keyof TracedNetworks, NetworkTrace][]) {
    const { initialization } = settings[name];
    const begins = kernelsBegin(initialization ?? "published", blocksOf(trace));
    state[`${name}/parameters`] = initialize(trace.parameters, seed, begins);
    const size = flatSize(layoutOf(trace).parameters);
    state[`${name}/adam/m`] = new Float32Array(size);
    state[`${name}/adam/v`] = new Float32Array(size);
    if (settings.training.accumulate > 1) state[`${name}/gradient`] = new Float32Array(size);
    if (trace.buffers.length > 0) state[`${name}/buffers`] = initialize(trace.buffers, seed);
  }
  state["generator/ema"] = state["generator/parameters"]!.slice();
  return state;
}
