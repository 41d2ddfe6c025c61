/** Measuring while training: what `training.evaluateEvery` opens, and the measurement itself. */
import type { Engine, Executable } from "../../engine/engine.ts";
import { requireMeasurable, sampleCounts } from "../../metrics/counts.ts";
import { chosenImages, storeImages } from "../../metrics/extraction/images.ts";
import { collectStatistics } from "../../metrics/extraction/statistics.ts";
import { protocolOf } from "../../metrics/protocol.ts";
import { metricsOf } from "../../metrics/registry.ts";
import { taskOf } from "../../objectives/pretext/registry.ts";
import { floatSamplerProgram, samplerProgram } from "../../objectives/programs/sampler.ts";
import type { Config } from "../../training/config/schema.ts";
import { measuredInTraining } from "../../training/evaluation/evaluations.node.ts";
import {
  type EvaluationSetup,
  generatedImages,
  type MeasuredGenerator,
  measureGenerator,
} from "../../training/evaluation/measure.ts";
import { isMeasured } from "../../training/evaluation/measures.ts";
import { findRun } from "../../training/run/folder/run-folder.node.ts";
import type { EvaluationSchedule } from "../../training/run/run.node.ts";
import { AVERAGED } from "../../training/sampling/samples.ts";
import type { Context } from "../context.ts";
import { openReference } from "../evaluate/reference.ts";
import { measuringOf, openEvaluationTools } from "../evaluate/tools.ts";
import { evaluationStatistics } from "../support/load-generator.ts";
import type { TrainRequest } from "./request.ts";

/** What is open for measuring; nothing, where it is switched off. */
export interface TrainEvaluation {
  readonly evaluation: EvaluationSchedule | undefined;
  close(): Promise<void>;
}

/** What a training's measurements belong to. */
export interface TrainEvaluationContext extends Context {
  /** The network the run was measured with before it was stopped, if it was. */
  readonly measured: string | undefined;
}

/**
 * The network a run was measured with before it goes on.
 * @returns undefined for a run that begins, or that was not or will not be measured
 * @throws UserError where the run cannot go on as asked, as `findRun`
 */
export async function measuredBefore({
  from,
  ...run
}: Pick<TrainRequest, "config" | "dir" | "mode" | "from">): Promise<string | undefined> {
  // The record of a long run is long.
  if (run.config.training.evaluateEvery === 0) return undefined;
  const earlier = await findRun(run);
  return earlier === undefined ? undefined : measuredInTraining(earlier, from);
}

/**
 * Open the reference images and the feature network a configuration asks for; with `auto` only when
 * there is time for a measurement.
 * @throws UserError when there are none: before training begins, not at the first measurement
 */
export async function openTrainEvaluation(
  config: Config,
  engine: Engine,
  context: TrainEvaluationContext,
): Promise<TrainEvaluation> {
  const { evaluateEvery, evaluateSamples, keepBest } = config.training;
  // Without an adversarial part the generator is not trained.
  const idle = evaluateEvery === "auto" && taskOf(config.objective)?.adversarial.kind === "weightless";
  if (idle || !isMeasured(config.training)) return { evaluation: undefined, close: async () => undefined };
  let opened: Promise<OpenSetup> | undefined;
  const open = (): Promise<OpenSetup> => {
    opened ??= openSetup(config, context);
    return opened;
  };
  let sampler: Executable | undefined;
  const generatorNow = async (signal: AbortSignal | undefined): Promise<MeasuredGenerator> => {
    const weights = config.training.ema > 0 ? AVERAGED : {};
    const program =
      protocolOf(config.training.evaluateProtocol).quantisation === "uint8"
        ? samplerProgram
        : floatSamplerProgram;
    sampler ??= await engine.compile(program(config, engine.target));
    const statistics = await evaluationStatistics(engine, config, weights, undefined, signal);
    return { sampler, alias: { ...weights, ...statistics }, config };
  };
  if (evaluateEvery !== "auto") await open();
  return {
    evaluation: {
      every:
        evaluateEvery === "auto"
          ? { trial: (signal) => tryOut(signal), samples: evaluateSamples }
          : evaluateEvery,
      keepBest,
      async measure(step, signal, samples = evaluateSamples) {
        const setup = await open();
        const counts = sampleCounts(setup.protocol, setup.reference.count, samples);
        const evaluation = await measureGenerator({ ...setup, counts, signal }, await generatorNow(signal));
        const weights = config.training.ema > 0 ? "averaged" : "latest";
        return { kind: "evaluation", step, weights, ...evaluation };
      },
    },
    async close() {
      await sampler?.release();
      // What could not be opened has been told where it was wanted.
      const setup = await opened?.catch(() => undefined);
      setup?.reference.close();
      await setup?.close();
    },
  };

  /** Everything that a measurement does, with a few images. */
  async function tryOut(signal: AbortSignal | undefined): Promise<(samples: number) => number> {
    const setup = await open();
    const { protocol, network, products, reference } = setup;
    const collect = { network, resize: protocol.resize, products, signal } as const;
    const seconds = async (work: () => Promise<unknown>): Promise<number> => {
      const started = performance.now();
      await work();
      return (performance.now() - started) / 1000;
    };
    const needs = new Set(["features"] as const);
    const of = Math.min(TRIED, reference.count);
    const ofReference = await seconds(() =>
      collectStatistics(storeImages(reference, chosenImages(reference.count, of)), needs, {
        ...{ ...collect, what: "the reference" },
      }),
    );
    let generator: MeasuredGenerator | undefined;
    const prepared = await seconds(async () => {
      generator = await generatorNow(signal);
    });
    const ofSamples = await seconds(() =>
      collectStatistics(generatedImages(generator!, TRIED, 0, protocol.quantisation, signal), needs, {
        ...{ ...collect, what: "the generated images" },
      }),
    );
    return (samples) => {
      const counts = sampleCounts(protocol, reference.count, samples);
      return prepared + (ofSamples * counts.generated) / TRIED + (ofReference * counts.reference) / of;
    };
  }
}

/** Images of the trial that says what a measurement costs. */
const TRIED = 64;

/** What measurements work with. */
type OpenSetup = Omit<EvaluationSetup, "counts"> & { close(): Promise<void> };

async function openSetup(
  config: Config,
  { report, signal, measured }: TrainEvaluationContext,
): Promise<OpenSetup> {
  const { evaluateSamples, evaluateProtocol, evaluateFeatures } = config.training;
  const protocol = protocolOf(evaluateProtocol);
  const request = {
    features: evaluateFeatures ?? undefined,
    threads: config.engine.threads,
    metrics: metricsOf(["fid", "kid"]),
    optional: false,
  };
  const tools = await openEvaluationTools(request, { report }, signal, measured);
  try {
    const { split, ...data } = config.data;
    const parts = { asked: undefined, wanted: protocol.reference.split, otherwise: split };
    const reference = await openReference({ ...data, signal }, parts, { report });
    const counts = sampleCounts(protocol, reference.count, evaluateSamples);
    requireMeasurable(tools.metrics, counts, protocol);
    return { protocol, ...tools, reference, repeats: 1, onProgress: measuringOf(report) };
  } catch (error) {
    await tools.close();
    throw error;
  }
}
