/**
 * News that is taken in together: it comes as fast as somebody else likes, and each time the page
 * changes in many places. Where that takes long, as on a machine whose cores are all busy with the
 * training, it is done less often.
 */

/** What is used of a clock: calls back later. */
type Later = (call: () => void, milliseconds: number) => void;

/** Does some work, and tells how many milliseconds it took with all that follows from it. */
export type Measure = (work: () => void, then: (milliseconds: number) => void) => void;

/** Share of the time that taking news in may have. */
const SHARE = 0.01;
/** Milliseconds after which news is taken in however long it takes. */
const LONGEST = 5000;
/** Milliseconds that the next frame is waited for: a page that nobody sees has none. */
const FRAME = 500;

/**
 * The work itself, and the frame that shows it: styles, layout, and drawing.
 */
export const withFrame: Measure = (work, then) => {
  const began = performance.now();
  try {
    work();
  } finally {
    afterFrame(performance.now() - began, then);
  }
};

function afterFrame(worked: number, then: (milliseconds: number) => void): void {
  let over = false;
  const tell = (milliseconds: number): void => {
    if (!over) then(milliseconds);
    over = true;
  };
  const unseen = setTimeout(() => tell(worked), FRAME);
  requestAnimationFrame(() => {
    clearTimeout(unseen);
    const frame = performance.now();
    // The first task after the frame.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      tell(worked + performance.now() - frame);
    };
    port2.postMessage(0);
  });
}

/**
 * Gather what comes, and take it in no more often than every so many milliseconds: the first at
 * once, what follows together.
 * @param take is given all that came since the last time, in its order
 * @param every milliseconds; longer, up to five seconds, where taking in needs more than a
 * hundredth of the time
 * @returns takes in one more
 */
export function batched<T>(
  take: (all: readonly T[]) => void,
  every: number,
  measure: Measure = withFrame,
  later: Later = (call, milliseconds) => void setTimeout(call, milliseconds),
): (one: T) => void {
  let waiting: T[] = [];
  let resting = false;
  const go = (): void => {
    resting = waiting.length > 0;
    if (!resting) return;
    const all = waiting;
    waiting = [];
    measure(
      () => take(all),
      (spent) => later(go, Math.min(LONGEST, Math.max(every, spent / SHARE))),
    );
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
