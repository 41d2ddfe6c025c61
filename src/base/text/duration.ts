/** Durations as people type them. */
import { UserError } from "../errors.ts";

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
