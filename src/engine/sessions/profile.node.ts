/**
 * Profiles on disk. Set `profile` in the engine's options, run, release the program or close the
 * engine, then: `for (const path of profileFiles(prefix))
 * console.log(formatProfile(summarizeProfile(path)))`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type ProfileEvent, type ProfileSummary, summarizeEvents } from "./profile.ts";

export { formatProfile } from "./profile.ts";

/** Sum up one profile file by operator type and by node, without the first `skipRuns` runs. */
export function summarizeProfile(path: string, skipRuns = 1): ProfileSummary {
  return summarizeEvents(JSON.parse(readFileSync(path, "utf8")) as ProfileEvent[], skipRuns);
}

/** The profiles written under `prefix` (see `EngineOptions.profile`), the oldest first. */
export function profileFiles(prefix: string): string[] {
  const start = `${basename(prefix)}-`;
  return readdirSync(dirname(prefix))
    .filter((file) => file.startsWith(start) && file.endsWith(".json"))
    .sort()
    .map((file) => join(dirname(prefix), file));
}
