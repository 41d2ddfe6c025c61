/**
 * When a run in the tab shows a grid: by the clock, as people look, and not by steps, which are
 * fast on one machine and slow on another.
 */

/** The first steps change most. */
const FIRST: ReadonlySet<number> = new Set([1, 2, 5, 10, 20]);
/** Milliseconds between two grids at least. */
const MIN = 3000;
/** Grids take this share of the time at the most. */
const SHARE = 0.25;
/**
 * A run that is old changes slowly, and every grid stays in memory: a grid comes after this share
 * of its age at the earliest.
 */
const AGE = 0.05;

/** Says when a grid is due. */
export interface GridClock {
  /** Whether to ask for a grid after step `step`. */
  due(step: number): boolean;
  /** A grid that was asked for is there, or another one. */
  shown(): void;
}

/** Tells when the next grid of samples is due by the clock. @param now the time in milliseconds */
export function createGridClock(now: () => number = () => performance.now()): GridClock {
  const began = now();
  /** When one was asked for that is not there yet. */
  let asked: number | undefined;
  let last = began;
  let cost = 0;
  return {
    due(step) {
      const at = now();
      if (asked !== undefined) return false;
      const wait = Math.max(MIN, (cost * (1 - SHARE)) / SHARE, AGE * (at - began));
      // The early ones as well, unless they took longer than all the steps they show.
      if (at - last < wait && !(FIRST.has(step) && cost < MIN)) return false;
      asked = at;
      return true;
    },
    shown() {
      const at = now();
      if (asked !== undefined) cost = at - asked;
      asked = undefined;
      last = at;
    },
  };
}
