/**
 * All programs of a GAN under training. What each computes stands in discriminator-step.ts,
 * generator-step.ts and sampler.ts.
 */
import type { Target } from "../graph/index.ts";
import { dueName, partialSets } from "./penalties/list.ts";
import { discriminatorProgram, PREDICTION_BATCH } from "./programs/discriminator-program.ts";
import { initialState, networkLayout, traceNetworks } from "./programs/initial-state.ts";

import { SAMPLER_BATCH, samplerProgram, standingProgram } from "./programs/sampler.ts";
import type { StepSettings } from "./settings.ts";
import { traceDiscriminatorStep } from "./steps/discriminator-step.ts";
import { traceGeneratorStep } from "./steps/generator-step.ts";
import { partsOf } from "./steps/parts.ts";
import { accumulatingProgram, type TracedStep, updateProgram } from "./steps/update-program.ts";
import type { LazyPrograms, Steps } from "./steps.ts";

/**
 * Build everything the loop needs.
 * @throws ShapeError when the settings do not fit together (the configuration checks that first)
 */
export function buildSteps(settings: StepSettings, target: Target, samplerBatch = SAMPLER_BATCH): Steps {
  const traces = traceNetworks(settings);
  const parts = partsOf(settings);
  const discriminator = traceDiscriminatorStep(parts);
  const generator = traceGeneratorStep(parts);
  const partial = partialSets(parts.penalties).map(
    (due) => [dueName(due), traceDiscriminatorStep(parts, due)] as const,
  );
  const lazyPrograms = (step: TracedStep): LazyPrograms => ({
    discriminatorStep: updateProgram(step, settings, target),
    accumulating: settings.training.accumulate > 1 ? accumulatingProgram(step, settings, target) : undefined,
  });
  const layout = networkLayout(settings, traces);
  for (const step of [discriminator, generator, ...partial.map(([, step]) => step)])
    checkLayout(step, layout);
  return {
    discriminatorStep: updateProgram(discriminator, settings, target),
    generatorStep: updateProgram(generator, settings, target),
    accumulating:
      settings.training.accumulate > 1
        ? {
            discriminatorStep: accumulatingProgram(discriminator, settings, target),
            generatorStep: accumulatingProgram(generator, settings, target),
          }
        : undefined,
    lazy:
      partial.length > 0
        ? {
            schedule: parts.penalties.map(({ name, every }) => ({ name, every })),
            programs: Object.fromEntries(partial.map(([name, step]) => [name, lazyPrograms(step)])),
          }
        : undefined,
    sampler: samplerProgram(settings, target, samplerBatch),
    standing: () => standingProgram(settings, target, samplerBatch),
    predictions: () =>
      discriminatorProgram(settings, target, { views: "all", batch: PREDICTION_BATCH }).program,
    scores: () => discriminatorProgram(settings, target, { task: false }).program,
    draws: { discriminatorStep: discriminator.feeds.drawn, generatorStep: generator.feeds.drawn },
    layout,
    initialState: (seed) => initialState(settings, seed, traces),
  };
}

/**
 * State is shared by place: every trace of a network must own the same tensors in the same order.
 */
function checkLayout({ name, trained, other }: TracedStep, layout: Steps["layout"]): void {
  for (const trace of [trained, other]) {
    const network = trace.scope.path as keyof Steps["layout"];
    for (const kind of ["parameters", "buffers"] as const)
      if (trace[kind].map((owned) => owned.name).join() !== layout[network][kind].map((s) => s.name).join())
        throw new Error(`${name}: the ${kind} of the ${network} are not those of its layout`);
  }
}
