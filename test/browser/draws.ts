/**
 * How often the charts of a page are drawn: uPlot clears a canvas first. Texts for the page, where
 * what translates this file has no place.
 */

/** Begin to count; before the page's own scripts. */
export const COUNT_DRAWS = `(() => {
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  globalThis.draws = new Map();
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    draws.set(this.canvas, (draws.get(this.canvas) ?? 0) + 1);
    return clear.apply(this, area);
  };
})()`;

/** Forget what was drawn so far. */
export const CLEAR_DRAWS = "draws.clear()";

/** A chart: how often it was drawn, and whether it is in sight or nearly. */
export interface Drawn {
  readonly draws: number;
  readonly near: boolean;
}

/** Gives a `Drawn` for each chart. */
export const DRAWN = `[...document.querySelectorAll(".uplot canvas")].map((canvas) => {
  const { top, bottom } = canvas.getBoundingClientRect();
  return { draws: draws.get(canvas) ?? 0, near: bottom > -250 && top < innerHeight + 250 };
})`;
