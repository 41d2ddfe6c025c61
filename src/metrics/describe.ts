/** An evaluation in words: every number with all that it depends on. */
import { metricName } from "../base/metric-quantities.ts";
import { formatCount } from "../base/text/format/index.ts";
import { imagesOf } from "../data/images-of.ts";
import type { Evaluation, MetricResult } from "./evaluate.ts";
import { isOfProtocol } from "./protocol-name.ts";
import { METRICS } from "./registry.ts";

/** One number of an evaluation. */
export interface DescribedMetric {
  /** `fid` */
  readonly key: string;
  /** `FID (built-in features)` */
  readonly title: string;
  /** `17.61 ± 0.05 (3 repeats)` */
  readonly value: string;
  readonly mean: number;
  readonly better: string;
}

/** All numbers of an evaluation, in the order of the registry. */
export function describedMetrics(evaluation: Evaluation): DescribedMetric[] {
  return METRICS.flatMap(({ values, better }) =>
    values.flatMap(({ key, digits }): DescribedMetric[] => {
      const result = evaluation.metrics[key];
      if (!result) return [];
      const title = metricName(key, evaluation.features.name);
      return [{ key, title, value: formatResult(result, digits), mean: result.mean, better }];
    }),
  );
}

/** `17.61 ± 0.05 (3 repeats)` */
function formatResult({ mean, deviation, values }: MetricResult, digits: number): string {
  const spread = deviation === null ? "" : ` ± ${deviation.toFixed(digits)} (${values.length} repeats)`;
  return `${mean.toFixed(digits)}${spread}`;
}

/** Everything a number depends on, in one line. */
export function protocolSentence(evaluation: Evaluation): string {
  const { features, reference, generated, resize } = evaluation;
  const split = reference.split === "all" ? "" : ` (${reference.split})`;
  const used =
    reference.count === reference.of
      ? `all ${formatCount(reference.of)}`
      : `${formatCount(reference.count)} of ${formatCount(reference.of)}`;
  return [
    isOfProtocol(evaluation) ? `${evaluation.protocol} protocol` : `settings of ${evaluation.protocol}`,
    `features ${features.name} (${features.dimensions})`,
    `${used} ${imagesOf(reference.data)}${split}`,
    `${formatCount(generated.count)} compared, ${generated.quantisation}`,
    resize.method === "none"
      ? `not resized (${resize.from}×${resize.from})`
      : `${resize.method} ${resize.from}→${resize.to}`,
  ].join(" · ");
}
