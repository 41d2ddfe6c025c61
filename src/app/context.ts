/** What every use case is given besides its options. */
import type { AppEvent } from "./events.ts";

/**
 * Told of everything that happens, in order. Only events of a training are awaited; of others
 * nothing may be returned that can fail.
 */
export type Report = (event: AppEvent) => void | Promise<void>;

/** Where a use case reports to, and what ends it. */
export interface Context {
  readonly report: Report;
  /** Aborting ends the use case; each says how. */
  readonly signal: AbortSignal;
}
