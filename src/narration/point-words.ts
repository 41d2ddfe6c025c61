/** How the runs of a sweep get on, in words. */
import type { PointState } from "../sweep/pool.ts";

/** Where a run is. */
export function describeState(state: PointState): string {
  switch (state.kind) {
    case "running":
      return state.attempt === 1 ? "training" : `training, attempt ${state.attempt}`;
    case "retrying":
      return `crashed (${state.message}); again in ${state.seconds} s`;
    case "done":
      return state.already ? "was done before" : "done";
    case "failed":
      return `failed: ${state.message}`;
    case "elsewhere":
      return "another process is training it; left for last";
    case "interrupted":
      return "saved";
    case "waiting":
      return "waiting";
  }
}
