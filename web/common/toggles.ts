/** What can be switched at a chart, and what that makes of its look. */
import type { ChartLook } from "./chart.ts";

/**
 * `log`: a logarithmic scale. `clip`: values that stick out are left out. `large`: the chart takes
 * the width of the page.
 */
export const CHART_TOGGLES = ["log", "clip", "large"] as const;
export type ChartToggle = (typeof CHART_TOGGLES)[number];

/** What is on: a chart's own choice, but for what was switched. */
export function switchedOn(look: ChartLook, switched: readonly ChartToggle[]): ReadonlySet<ChartToggle> {
  const own: Readonly<Record<ChartToggle, boolean>> = {
    log: look.logarithmic === true,
    clip: look.robust === true,
    large: false,
  };
  return new Set(CHART_TOGGLES.filter((toggle) => own[toggle] !== switched.includes(toggle)));
}

/** The look with what is on. A logarithmic axis has no fixed bounds: 0 is not on it. */
export function switchedLook(look: ChartLook, on: ReadonlySet<ChartToggle>): ChartLook {
  const { range, ...rest } = look;
  return {
    ...rest,
    ...(range && !on.has("log") && { range }),
    logarithmic: on.has("log"),
    robust: on.has("clip") && !on.has("log"),
  };
}
