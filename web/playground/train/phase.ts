/** Where the training view is. */

/** `empty` → `ready` → `training` ⇄ `paused` → `stopped` → … */
export type Phase = "empty" | "ready" | "training" | "paused" | "stopping" | "stopped";

/** Whether a run is being trained, paused or brought to its end. */
export const isUnderWay = (phase: Phase): boolean =>
  phase === "training" || phase === "paused" || phase === "stopping";
