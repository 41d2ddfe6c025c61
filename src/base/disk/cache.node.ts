/** Where this program keeps what it can make again. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Variables by name. Spelled out, as callers' programs read this type too and may not have Node's.
 */
type Environment = Readonly<Record<string, string | undefined>>;

/** `$QUARTERTURN_CACHE`, else `quarterturn` in `$XDG_CACHE_HOME`, else `~/.cache/quarterturn`. */
export function defaultCacheFolder(environment: Environment = process.env): string {
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  const own = environment["QUARTERTURN_CACHE"];
  if (own) return resolve(own);
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  return join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "quarterturn");
}
