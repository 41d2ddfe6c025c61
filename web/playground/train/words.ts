/** Times as people say them, and why files are not taken now. */
import type { Problem } from "../problem.ts";

/** Seconds in words: `about 4 minutes`. */
export function duration(seconds: number): string {
  if (seconds < 90)
    return `about ${Math.max(1, Math.round(seconds))} ${Math.round(seconds) <= 1 ? "second" : "seconds"}`;
  const minutes = seconds / 60;
  if (minutes < 90) return `about ${Math.round(minutes)} minutes`;
  const hours = minutes / 60;
  return hours < 36 ? `about ${Math.round(hours)} hours` : `about ${Math.round(hours / 24)} days`;
}

/** `728 ms`, `2.3 s` */
export const milliseconds = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;

/**
 * Why `name` is not opened now, and what to do.
 * @param busy what the page does; empty while a run is trained
 */
export const refusalOf = (name: string, busy: string): Problem =>
  busy === ""
    ? {
        message: `A run is being trained, so ${name} was not opened.`,
        hint: "To use other images, stop the run (save it first, to keep it) and drop them again. A generator (.onnx) can be dropped at any time.",
      }
    : {
        message: `${name} was not opened: the page is still busy (${busy}).`,
        hint: "Drop it again after that.",
      };
