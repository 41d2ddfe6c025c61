/**
 * News that is taken in together: it comes as fast as somebody else likes, and each time the page
 * changes in many places.
 */

/** What is used of a clock: calls back later. */
type Later = (call: () => void, milliseconds: number) => void;

/**
 * Gather what comes, and take it in no more often than every so many milliseconds: the first at
 * once, what follows together.
 * @param take is given all that came since the last time, in its order
 * @returns takes in one more
 */
export function batched<T>(
  take: (all: readonly T[]) => void,
  every: number,
  later: Later = (call, milliseconds) => void setTimeout(call, milliseconds),
): (one: T) => void {
  let waiting: T[] = [];
  let resting = false;
  const go = (): void => {
    resting = waiting.length > 0;
    if (!resting) return;
    const all = waiting;
    waiting = [];
    later(go, every);
    take(all);
  };
  return (one) => {
    waiting.push(one);
    // What belongs together comes in one go: the status of a run and its curves.
    if (!resting) {
      resting = true;
      later(go, 0);
    }
  };
}
