/** How a download gets on, in words. */
import { formatBytes, formatDuration } from "../base/text/format/index.ts";
import type { FetchProgress } from "../data/index.node.ts";
import { progressBar, type Teller } from "./progress.ts";

/** Bars with the speed of the download, over the last few seconds. */
export function fetchReport(teller: Teller): (progress: FetchProgress) => void {
  const show = progressBar(teller);
  let window: { at: number; done: number; name: string }[] = [];
  return ({ phase, name, done, total }) => {
    const now = performance.now();
    window = window.filter((each) => each.name === name && each.at > now - 5000);
    const first = window[0];
    if (phase !== "downloading" || first === undefined || first.done > done) window = [];
    window.push({ at: now, done, name });
    const speed = first && now > first.at ? (1000 * (done - first.done)) / (now - first.at) : 0;
    const note =
      phase === "downloading" && speed > 0
        ? ` · ${formatBytes(speed)}/s · ${formatDuration((total - done) / speed)} left`
        : "";
    show(`${phase} ${name}`, done, total, formatBytes, note);
  };
}
