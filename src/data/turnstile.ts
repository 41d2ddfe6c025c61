/** Lets many do something at once, or one alone. */

/** Both ways through. */
export interface Turnstile {
  /** Does `work` beside others, as soon as nobody is or wants to be alone. */
  beside<T>(work: () => Promise<T>): Promise<T>;
  /** Does `work` when all others are through, and holds new ones up meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** A new one, with nobody inside. */
export function createTurnstile(): Turnstile {
  let inside = 0;
  /** Settles, and never rejects, when whoever is alone is through. */
  let occupied: Promise<void> | undefined;
  let whenEmpty: (() => void) | undefined;
  return {
    async beside(work) {
      while (occupied) await occupied;
      inside++;
      try {
        return await work();
      } finally {
        if (--inside === 0) whenEmpty?.();
      }
    },
    async alone(work) {
      while (occupied) await occupied;
      let leave = (): void => undefined;
      occupied = new Promise((resolve) => {
        leave = resolve;
      });
      try {
        if (inside > 0)
          await new Promise<void>((resolve) => {
            whenEmpty = resolve;
          });
        return await work();
      } finally {
        whenEmpty = undefined;
        occupied = undefined;
        leave();
      }
    },
  };
}
