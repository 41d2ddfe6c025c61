/** Measurements for tests of what is made of them. */
import type { EvaluationEvent } from "../events.ts";

/** A measurement with nothing in it but one FID. */
export function fakeEvaluation(
  step: number,
  fid: number,
  weights: EvaluationEvent["weights"] = "latest",
): EvaluationEvent {
  return {
    kind: "evaluation",
    step,
    weights,
    protocol: "paper",
    features: { name: "fake", hash: "f", dimensions: 1 },
    reference: { data: "toys", hash: "d", split: "test", count: 2, of: 2 },
    generated: { count: 2, quantisation: "float" },
    resize: { from: 8, to: 8, method: "none" },
    kidSampling: { kind: "blocks", size: 1024 },
    inceptionScoreSplits: 1,
    repeats: 1,
    metrics: { fid: { mean: fid, deviation: null, values: [fid] } },
    warnings: [],
  };
}
