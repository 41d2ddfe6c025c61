/** Counts, times, sizes and shares as the sentences of the program write them. */
import { percent } from "./number-format.ts";
import { readableCount } from "./readable.ts";

/** 1234567 → `1,234,567`. */
export const formatCount = readableCount;

/**
 * Seconds as a person says them: `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; `?` for what is not
 * known yet.
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "?";
  if (seconds === 0) return "0 s";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const units: readonly [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  const [big, bigName] = units[first]!;
  const next = units[first + 1];
  const rest = next ? Math.floor((whole % big) / next[0]) : 0;
  return `${Math.floor(whole / big)} ${bigName}${next && rest > 0 ? ` ${rest} ${next[1]}` : ""}`;
}

/** Bytes in decimal units: `410 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.round(bytes / 1e3)} kB`;
}

/** 0.714 → `71%`. */
export const formatPercent = (share: number): string => (Number.isFinite(share) ? percent(share) : "?");
