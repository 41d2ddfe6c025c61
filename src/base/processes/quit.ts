/**
 * What must be done when the program is left at once, without saving: ending what it has started.
 */

const hooks = new Set<() => void>();

/** Whether anything must be done. */
export const hasQuitHooks = (): boolean => hooks.size > 0;

/**
 * Do `hook` when the program is left at once. It must be quick, and nothing may be waited for.
 * @returns forgets it
 */
export function whenQuitting(hook: () => void): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}

/** Do all of it. One that fails keeps none of the others from being done. */
export function runQuitHooks(): void {
  for (const hook of hooks)
    try {
      hook();
    } catch {
      // Nobody is left to be told.
    }
}
