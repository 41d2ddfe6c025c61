/** Cores for runs that are trained side by side. */
import { availableThreads } from "../engine/devices/cpu.node.ts";
import type { SweepPoint } from "./plan.ts";

/** Runs side by side share the cores, unless the sweep says how many threads each has. */
export function shareCores(points: readonly SweepPoint[], jobs: number): SweepPoint[] {
  const threads = String(Math.max(1, Math.floor(availableThreads() / jobs)));
  return points.map((point) =>
    jobs === 1 || point.config.engine.threads > 0
      ? point
      : { ...point, arguments: [...point.arguments, "--threads", threads] },
  );
}
