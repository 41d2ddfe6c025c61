/**
 * Grids of samples of which one is shown at a time, chosen on a track of steps. Radio buttons and
 * style sheets alone: a report has no scripts.
 */
import { formatCount } from "../../base/text/format/index.ts";
import { type Html, text } from "./page.ts";
import { type DatedPicture, MAX_GRIDS } from "./pictures.ts";

/**
 * A film of grids. Arrow keys go from one to the next; on paper all of them are shown.
 * @param grids by step, ascending; at most `MAX_GRIDS`, the last one is shown first
 * @param name that no other film of the page has
 */
export function film(grids: readonly DatedPicture[], name: string): Html {
  const last = grids.length - 1;
  const stops = grids.map(
    ({ step }, i) =>
      `<input type="radio" name="${text(name)}" aria-label="step ${text(formatCount(step))}" title="step ${text(formatCount(step))}"${i === last ? " checked" : ""}>`,
  );
  const frames = grids.map(
    ({ step, url, width, height }) =>
      `<figure><img src="${url}" width="${width}" height="${height}" alt="Generated images at step ${text(step)}"><figcaption>Generated at step ${text(formatCount(step))}, not selected</figcaption></figure>`,
  );
  if (grids.length < 2) return frames.join("");
  return `<div class="film" role="radiogroup" aria-label="Step of the samples">${stops.join("")}<div class="frames">${frames.join("")}</div></div>`;
}

/** What a film looks like. */
export const FILM_STYLE = `
.film { display: flex; flex-wrap: wrap; align-content: start } .frames { order: -1; flex: 0 0 100% } .frames figure { display: none }
${Array.from({ length: MAX_GRIDS }, (_, i) => `.film input:nth-of-type(${i + 1}):checked ~ .frames figure:nth-of-type(${i + 1})`).join(", ")} { display: block }
.film input { appearance: none; flex: 1 1 1.5rem; height: 1.6rem; margin: .2rem 0 0; cursor: pointer; background: radial-gradient(circle, var(--soft) 0 .22rem, transparent .24rem), linear-gradient(var(--line), var(--line)) center / 100% .16rem no-repeat }
.film input:checked { background: radial-gradient(circle, var(--accent) 0 .48rem, transparent .5rem), linear-gradient(var(--line), var(--line)) center / 100% .16rem no-repeat }
.film input:focus-visible { outline: 2px solid var(--accent); border-radius: .4rem }
@media print { .film input { display: none } .frames { display: grid; grid-template-columns: repeat(3, 1fr); gap: .9rem } .frames figure { display: block } }
`;
