/** All metrics. A new one is a file in `scores/` and a line here. */
import { unknownName } from "../base/errors.ts";
import type { MetricDefinition } from "./metric.ts";
import { fid } from "./scores/frechet.ts";
import { inceptionScoreMetric } from "./scores/inception-score.ts";
import { kid } from "./scores/kid.ts";
import { prdc } from "./scores/manifold.ts";
import { msSsim } from "./scores/ms-ssim.ts";
import { prd } from "./scores/prd.ts";

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
