/** Numbers and states in words. */

import { quantityText } from "../../src/base/quantities.ts";
import { formatCount, formatDuration } from "../../src/base/text/format/index.ts";
import type { RunState, RunStatus } from "../../src/studio/protocol.ts";

export const STATE_WORDS: Readonly<Record<RunState, string>> = {
  running: "Training",
  paused: "Paused",
  finished: "Finished",
  stopped: "Stopped",
  failed: "Failed",
  interrupted: "Interrupted",
};

/** Said while nobody answers. */
export const UNREACHABLE =
  "The program that served this page has ended or is out of reach; what stands here is what it said last. “quarterturn studio” shows the run. Trying again…";

/** Said while the server has no room for another listener. */
export const CROWDED =
  "So many pages are open on this server that it sends no news to this one: what stands here is from when the page was opened. Trying again every ten seconds…";

/** What a run does, or did when it was heard of last. */
export const stateWords = (state: RunState, connected: boolean): string =>
  connected || (state !== "running" && state !== "paused")
    ? STATE_WORDS[state]
    : `${STATE_WORDS[state]} when last heard of`;

/**
 * `step 640 of 1,200 · 2 min left · 312 images/s`; only the step when nobody has been heard of
 * since.
 */
export function progressWords(status: RunStatus, connected = true): string {
  const { step, steps, secondsLeft, quantities, state } = status;
  const parts = [`step ${formatCount(step)} of ${formatCount(steps)}`];
  if (!connected) return parts[0]!;
  if (state === "running" && secondsLeft !== undefined) parts.push(`${formatDuration(secondsLeft)} left`);
  if (state === "running" && quantities?.speed !== undefined)
    parts.push(quantityText("speed", quantities.speed));
  return parts.join(" · ");
}

/** How long ago, roughly. */
export function ago(time: number, now = Date.now()): string {
  const seconds = (now - time) / 1000;
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}
