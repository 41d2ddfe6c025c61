/** What the status line of `train` says: pure formatting, no terminal. */
import { percent } from "../base/number-format.ts";
import { type QuantityKey, type QuantityValues, quantityText } from "../base/quantities.ts";
import { readableCount } from "../base/readable.ts";

/** The state of a run at one moment. */
export interface Status {
  /** Generator steps done, and to do in all. */
  readonly step: number;
  readonly steps: number;
  /** The word for its pretext task; undefined without one. */
  readonly task?: string | undefined;
  /** Those that are known, of the latest steps. */
  readonly quantities: QuantityValues;
  readonly secondsLeft: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}

/**
 * One line: how far it is and how long it will take first, then how well it goes. What does not fit into `columns` is left out, the least important first.
 * For example `step 1,250/4,000 · 12 min 3 s left · 312 images/s · rotation 71% real, 64% generated · D 1.23 · G 0.456 · 410 MB`.
 */
export function formatStatus(status: Status, columns = Number.POSITIVE_INFINITY): string {
  const { step, steps, task = "task", quantities, secondsLeft, memoryBytes } = status;
  const text = (key: QuantityKey): string | undefined =>
    quantities[key] === undefined ? undefined : quantityText(key, quantities[key]);
  const [real, generated] = [text("taskAccuracyReal"), text("taskAccuracyGenerated")];
  const [d, g] = [text("discriminatorLoss"), text("generatorLoss")];
  const told = [real && `${real} real`, generated && `${generated} generated`].filter(Boolean);
  const fields = [
    [`step ${formatCount(step)}/${formatCount(steps)}`],
    [`${formatDuration(secondsLeft)} left`],
    [text("speed")],
    told.length > 0
      ? [`${task} ${told.join(", ")}`, `${task} ${[real, generated].filter(Boolean).join("/")}`]
      : [],
    [d && `D ${d}`],
    [g && `G ${g}`],
    [formatBytes(memoryBytes)],
  ];
  let line = "";
  for (const forms of fields) {
    const known = forms.filter((form) => form !== undefined);
    if (known.length === 0) continue;
    const next = line === "" ? known[0] : known.find((form) => line.length + 3 + form.length <= columns);
    if (next === undefined) break;
    line += line === "" ? next : ` · ${next}`;
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

/** 0.714 → `71%`. */
export const formatPercent = (share: number): string => (Number.isFinite(share) ? percent(share) : "?");
