/** Times as people say them. */

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
