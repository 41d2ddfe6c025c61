/**
 * How many threads ONNX Runtime's WebAssembly build gets in a page or worker. Threads need shared
 * memory, which pages have to earn.
 */
import { UserError } from "../../base/errors.ts";

/** What a page or worker is given. */
export interface BrowserCapabilities {
  /**
   * Whether memory may be shared between workers: the page was served with COOP and COEP headers.
   */
  readonly crossOriginIsolated: boolean;
  /** Logical processors, `navigator.hardwareConcurrency`. */
  readonly processors: number;
}

/** Above this, WebAssembly threads cost more in start-up and memory than another one brings. */
const MAX = 8;

/**
 * Threads to start. 0 asks for as many as are sensible: half the logical processors, as two of them
 * mostly share one core, but both of two; one where memory cannot be shared.
 * @throws UserError when several are asked for where memory cannot be shared
 */
export function webThreads(wanted: number, { crossOriginIsolated, processors }: BrowserCapabilities): number {
  const asked = Math.floor(wanted);
  if (asked > 1 && !crossOriginIsolated)
    throw new UserError(
      `${asked} threads were asked for, but this page is not cross-origin isolated, so there can be one.`,
      "Serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or ask for 0 threads: as many as are possible.",
    );
  if (asked > 0) return asked;
  if (!crossOriginIsolated) return 1;
  return Math.max(1, Math.min(processors, MAX, Math.max(2, Math.ceil(processors / 2))));
}
