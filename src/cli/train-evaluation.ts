/** Measuring while training: what `training.evaluateEvery` opens, and the measurement itself. */
import type { Engine, Executable } from "../engine/engine.ts";
import { requireMeasurable, sampleCounts } from "../metrics/counts.ts";
import { protocolOf } from "../metrics/protocol.ts";
import { metricsOf } from "../metrics/registry.ts";
import { floatSamplerProgram, samplerProgram } from "../objectives/sampler.ts";
import type { Config } from "../training/config/schema.ts";
import { measuredInTraining } from "../training/evaluations.node.ts";
import { type Bench, measureGenerator } from "../training/measure.ts";
import type { Evaluation } from "../training/run.node.ts";
import { findRun } from "../training/run-folder.node.ts";
import { AVERAGED } from "../training/samples.ts";
import { openInstruments } from "./evaluation-options.ts";
import { evaluationProgress } from "./evaluation-report.ts";
import { evaluationStatistics } from "./load-generator.ts";
import type { Output } from "./output.ts";
import { openReference } from "./reference.ts";
import type { TrainRequest } from "./train-config.ts";

/** What is open for measuring; nothing, where it is switched off. */
export interface TrainEvaluation {
  readonly evaluation: Evaluation | undefined;
  close(): Promise<void>;
}

/** What a training's measurements belong to. */
export interface TrainEvaluationSurroundings {
  readonly output: Output;
  /** Aborting ends the packing of the reference images with its reason. */
  readonly signal: AbortSignal;
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
 * Open the reference images and the feature network a configuration asks for.
 * @throws UserError when there are none: before training begins, not at the first measurement
 */
export async function openTrainEvaluation(
  config: Config,
  engine: Engine,
  { output, signal, measured }: TrainEvaluationSurroundings,
): Promise<TrainEvaluation> {
  const { evaluateEvery, evaluateSamples, evaluateProtocol, evaluateFeatures, keepBest, ema } =
    config.training;
  if (evaluateEvery === 0) return { evaluation: undefined, close: async () => undefined };
  const protocol = protocolOf(evaluateProtocol);
  const request = {
    features: evaluateFeatures ?? undefined,
    threads: config.engine.threads,
    metrics: metricsOf(["fid", "kid"]),
    optional: false,
  };
  const instruments = await openInstruments(request, output, signal, measured);
  try {
    const { split, ...data } = config.data;
    const parts = { asked: undefined, wanted: protocol.reference.split, otherwise: split };
    const reference = await openReference({ ...data, signal }, parts, output);
    const counts = sampleCounts(protocol, reference.count, evaluateSamples);
    requireMeasurable(instruments.metrics, counts, protocol);
    const bench: Bench = {
      protocol,
      ...instruments,
      reference,
      counts,
      repeats: 1,
      onProgress: evaluationProgress(output),
    };
    const averaged = ema > 0 ? AVERAGED : {};
    const weights = ema > 0 ? "averaged" : "latest";
    let sampler: Executable | undefined;
    return {
      evaluation: {
        every: evaluateEvery,
        keepBest,
        async measure(step, signal) {
          const program = protocol.quantisation === "uint8" ? samplerProgram : floatSamplerProgram;
          sampler ??= await engine.compile(program(config, engine.target));
          const alias = {
            ...averaged,
            ...(await evaluationStatistics(engine, config, averaged, undefined, signal)),
          };
          const evaluation = await measureGenerator({ ...bench, signal }, { sampler, alias, config });
          return { kind: "evaluation", step, weights, ...evaluation };
        },
      },
      async close() {
        await sampler?.release();
        reference.close();
        await instruments.close();
      },
    };
  } catch (error) {
    await instruments.close();
    throw error;
  }
}
