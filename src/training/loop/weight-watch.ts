/** What is read from the weights of a training at its grids. */
import type { Engine } from "../../engine/engine.ts";
import type { Steps } from "../../objectives/steps.ts";
import { hasNorms, spectralNorms } from "../layer-norms.ts";
import type { Sampling } from "../sampling/sampling.ts";
import { hasHistograms, weightHistograms } from "../weight-histograms.ts";

const DISCRIMINATOR = "discriminator/parameters";
const GENERATOR = "generator/parameters";

/**
 * Spectral norms of the discriminator's layers, and how the weights of both networks are spread;
 * undefined at grids where that would hold up the training.
 * @param sampleEvery steps from grid to grid
 */
export function weightWatch(
  engine: Engine,
  { discriminator, generator }: Steps["layout"],
  sampleEvery: number,
): Required<Pick<Sampling, "layerNorms" | "histograms">> {
  const slots = discriminator.parameters;
  const all = [...slots, ...generator.parameters];
  return {
    layerNorms: async (step) => {
      if (!hasNorms(slots, sampleEvery, step)) return undefined;
      return spectralNorms(slots, (await engine.readState([DISCRIMINATOR]))[DISCRIMINATOR]!);
    },
    histograms: async (step) => {
      if (!hasHistograms(all, sampleEvery, step)) return undefined;
      const weights = await engine.readState([DISCRIMINATOR, GENERATOR]);
      return {
        step,
        discriminator: weightHistograms(slots, weights[DISCRIMINATOR]!),
        generator: weightHistograms(generator.parameters, weights[GENERATOR]!),
      };
    },
  };
}
