/** Durations as people read them, and as they type them. */
import { UserError } from "../../errors.ts";
import { formatCountOf } from "./counts.ts";

/**
 * Seconds as a person says them: `4.2 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; `?` for
 * what is not known yet.
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "?";
  if (seconds === 0) return "0 s";
  if (seconds < 0.9995) {
    const milliseconds = 1000 * seconds;
    return `${milliseconds < 9.95 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  }
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const first = STEPS.findIndex(([size]) => whole >= size);
  const [big, bigName] = STEPS[first]!;
  const next = STEPS[first + 1];
  const rest = next ? Math.floor((whole % big) / next[0]) : 0;
  return `${Math.floor(whole / big)} ${bigName}${next && rest > 0 ? ` ${rest} ${next[1]}` : ""}`;
}

/** Units of time with their length in seconds, the longest first. */
const STEPS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** An estimate in words, as exact as it can be: `about 4 minutes`. */
export function formatEstimate(seconds: number): string {
  if (seconds < 90) return `about ${formatCountOf(Math.max(1, Math.round(seconds)), "second")}`;
  const minutes = seconds / 60;
  if (minutes < 90) return `about ${Math.round(minutes)} minutes`;
  const hours = minutes / 60;
  return hours < 36 ? `about ${Math.round(hours)} hours` : `about ${Math.round(hours / 24)} days`;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a duration such as `90s`, `30m`, `1h30m` or `2.5h`.
 * @param name what it is the value of, for the message
 * @throws UserError when it is none, or not above 0
 */
export function parseDuration(text: string, name: string): number {
  const parts = [
    ...text
      .trim()
      .toLowerCase()
      .matchAll(/(\d+(?:\.\d+)?)\s*(min|[smhd])\s*/gy),
  ];
  const read = parts.map(([part]) => part).join("");
  const seconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0);
  if (read.length === 0 || read.length !== text.trim().length || !(seconds > 0))
    throw new UserError(
      `${name} ${text}: expected a duration, with a unit.`,
      `For example: ${name} 30m, ${name} 90s, ${name} 1h30m.`,
    );
  return seconds;
}
