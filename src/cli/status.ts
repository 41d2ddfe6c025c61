/** What the status line of `train` says: pure formatting, no terminal. */
import { readableCount, readableValue } from "../base/readable.ts";

/** The state of a run at one moment. */
export interface Status {
  /** Generator steps done, and to do in all. */
  readonly step: number;
  readonly steps: number;
  readonly discriminatorLoss: number;
  readonly generatorLoss: number;
  /** Share of rotations told right, in [0, 1], on real and on generated images; absent without self-supervision. */
  readonly rotationReal?: number | undefined;
  readonly rotationFake?: number | undefined;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}

/**
 * One line, the most important first; fields that do not fit into `columns` are left out from the end.
 * For example `step 1,250/4,000 · D 1.234 · G 0.456 · rotation 71 % real, 64 % fake · 312 images/s · 12 min 3 s left · 410 MB`.
 */
export function formatStatus(status: Status, columns = Number.POSITIVE_INFINITY): string {
  const { step, steps, rotationReal, rotationFake } = status;
  const rotation = [
    rotationReal === undefined ? undefined : `${formatPercent(rotationReal)} real`,
    rotationFake === undefined ? undefined : `${formatPercent(rotationFake)} fake`,
  ].filter((part) => part !== undefined);
  const fields = [
    `step ${formatCount(step)}/${formatCount(steps)}`,
    `D ${readableValue(status.discriminatorLoss)}`,
    `G ${readableValue(status.generatorLoss)}`,
    ...(rotation.length > 0 ? [`rotation ${rotation.join(", ")}`] : []),
    `${formatRate(status.imagesPerSecond)} images/s`,
    `${formatDuration(status.secondsLeft)} left`,
    formatBytes(status.memoryBytes),
  ];
  let line = fields[0] ?? "";
  for (const field of fields.slice(1)) {
    if (line.length + 3 + field.length > columns) break;
    line += ` · ${field}`;
  }
  return line;
}

/** 1234567 → `1,234,567`. */
export const formatCount = readableCount;

/** Seconds as a person says them: `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; `?` for what is not known yet. */
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

/** 0.714 → `71 %`. */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : "?";
}

function formatRate(rate: number): string {
  if (!Number.isFinite(rate)) return "?";
  return rate < 10 ? rate.toFixed(1) : formatCount(rate);
}
