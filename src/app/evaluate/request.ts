/** What `evaluate` and `compare` are asked to measure. */
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import type { MetricDefinition } from "../../metrics/metric.ts";
import { type Protocol, protocolOf } from "../../metrics/protocol.ts";
import { metricsOf } from "../../metrics/registry.ts";
import { requireEnough } from "../../metrics/sample-counts.ts";

/** Measured unless told otherwise. */
const DEFAULT_METRICS = ["fid", "kid", "prdc"];

/** What to measure, and how. */
export interface MeasurementOptions {
  /** Whose way of measuring (docs/metrics.md); `paper` unless given. */
  readonly protocol?: string | undefined;
  /** Names of metrics, or `all`; fid, kid and prdc unless given. */
  readonly metrics?: readonly string[] | undefined;
  /** A feature network's name, or an ONNX file that maps images to vectors. */
  readonly features?: string | undefined;
  /** Generated images; as the protocol says unless given. */
  readonly samples?: number | undefined;
  /** Times, each with other samples; as the protocol says unless given. */
  readonly repeats?: number | undefined;
  /** Threads for the arithmetic; 0: the cores this process may use. */
  readonly threads?: number | undefined;
}

/** What is to be measured, before anything is opened. */
export interface EvaluationRequest {
  readonly protocol: Protocol;
  readonly metrics: readonly MetricDefinition[];
  /** Whether the user has not named each of them: then those that cannot be had are left out. */
  readonly optional: boolean;
  readonly features: string | undefined;
  readonly samples: number | undefined;
  readonly repeats: number | undefined;
  readonly threads: number | undefined;
}

/**
 * A measurement with all that was left out filled in.
 * @throws UserError for unknown names, and for so few samples that nothing could be said of them
 */
export function evaluationRequest(options: MeasurementOptions): EvaluationRequest {
  const { metrics = DEFAULT_METRICS, samples } = options;
  const names = metrics.map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0)
    throw new UserError(
      `${option("metrics")} names none.`,
      `For example: ${option("metrics", "fid,kid")}; or ${option("metrics", "all")}.`,
    );
  if (samples !== undefined) requireEnough(samples, "sample");
  return {
    protocol: protocolOf(options.protocol ?? "paper"),
    metrics: metricsOf(names),
    optional: names.includes("all") || options.metrics === undefined,
    features: options.features,
    samples,
    repeats: options.repeats,
    threads: options.threads,
  };
}
