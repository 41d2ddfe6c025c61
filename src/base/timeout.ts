/** Waiting for what may never come. */

/**
 * What `work` comes to, or undefined as soon as `signal` is aborted; what becomes of `work` then is
 * of no interest.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  work.catch(() => undefined);
  const over = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true, signal: over.signal });
  });
  return Promise.race([work, aborted]).finally(() => over.abort());
}

/**
 * What `work` comes to, or undefined after so many milliseconds. The process lives until then (that
 * of `AbortSignal.timeout` need not).
 */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  return unlessAborted(work, limit.signal).finally(() => clearTimeout(timer));
}
