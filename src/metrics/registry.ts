/** All metrics. A new one is a file beside this one and a line here. */
import { unknownName } from "../base/errors.ts";
import { fid } from "./frechet.ts";
import { inceptionScoreMetric } from "./inception-score.ts";
import { kid } from "./kid.ts";
import { prdc } from "./manifold.ts";
import type { MetricDefinition } from "./metric.ts";
import { msSsim } from "./ms-ssim.ts";
import { prd } from "./prd.ts";

/** Every metric, in the order in which they are shown. */
export const METRICS: readonly MetricDefinition[] = [fid, kid, inceptionScoreMetric, prdc, prd, msSsim];

/**
 * Metrics by name, without repetitions, in the order of `METRICS`.
 * @param names names, or `all`
 * @throws UserError for an unknown one
 */
export function metricsOf(names: readonly string[]): MetricDefinition[] {
  const known = METRICS.map((metric) => metric.name);
  for (const name of names)
    if (name !== "all" && !known.includes(name)) throw unknownName("metric", name, ["all", ...known]);
  return METRICS.filter((metric) => names.includes("all") || names.includes(metric.name));
}
