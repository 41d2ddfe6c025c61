/**
 * Drawing that can wait for a moment: many charts learn of the same news at once, and drawing all
 * of them in one go would hold up the page. Each is drawn once however often it was asked for, as
 * many in a frame as fit into a few milliseconds, and none while the page is hidden.
 */

/** Milliseconds of a frame that drawing may take; what has begun is finished. */
const BUDGET = 8;

/** Draws later what it is asked to. */
export interface DrawQueue {
  /** Draw `key` soon by calling `draw`, instead of what was asked for it before. */
  ask(key: object, draw: () => void): void;
  /** Forget what was asked for `key`. */
  drop(key: object): void;
}

/**
 * Draws charts one after another, so that a page stays responsive.
 * @param frame calls back when the next frame is drawn
 * @param now the time in milliseconds
 */
export function createDrawQueue(
  frame: (draw: () => void) => void = (draw) => requestAnimationFrame(draw),
  now: () => number = () => performance.now(),
): DrawQueue {
  const waiting = new Map<object, () => void>();
  let planned = false;
  const plan = (): void => {
    if (planned || waiting.size === 0) return;
    planned = true;
    frame(drawSome);
  };
  const drawSome = (): void => {
    planned = false;
    const end = now() + BUDGET;
    try {
      for (const [key, draw] of waiting) {
        waiting.delete(key);
        draw();
        if (now() >= end) break;
      }
    } finally {
      plan();
    }
  };
  return {
    ask(key, draw) {
      waiting.set(key, draw);
      plan();
    },
    drop(key) {
      waiting.delete(key);
    },
  };
}

/** That of the page. */
export const drawQueue: DrawQueue = createDrawQueue();
