/**
 * Has the generator collapsed to one figure? Judged by `variety.ts` from the first grids on: pixels
 * spread as far as those of real images when one figure is drawn at many sizes, and a generator may
 * do so from its first hundred steps to its last.
 *
 * The thresholds were fitted to grids that one person had looked at, so that none of those decided
 * is misjudged: testing/collapse-grids.json, made by scripts/collapse/measure.ts. Of 138 grids of
 * five later runs, none of them collapsed, three early ones fall below, never two in a row of one
 * kind of weights.
 */
import { percent } from "../../../base/text/format/index.ts";
import type { SampleEvent, WarningEvent } from "../../events.ts";
import type { Variety } from "./variety.ts";

/**
 * Figures as varied as this are no collapse; below `warn` they are one whatever their colors, below
 * `onePalette` if those are few too.
 */
const FIGURES = { warn: 0.567, onePalette: 0.62, recover: 0.66 } as const;
const PALETTES = 0.4;
/** Before this step a generator draws the same noise or blob everywhere and has not begun yet. */
const BEGUN = 50;

/** Whether a grid shows nearly one figure. */
export const showsOneFigure = ({ figures, palettes }: Variety): boolean =>
  figures < FIGURES.warn || (figures < FIGURES.onePalette && palettes < PALETTES);

/**
 * Whether a grid counts as collapsed. A record of an earlier version says nothing of variety: then
 * it does not.
 */
export const isCollapsed = ({ step, variety }: SampleEvent): boolean =>
  step >= BEGUN && variety !== undefined && showsOneFigure(variety);

/**
 * Whether a grid speaks against a collapse: well above the threshold at which the warning began.
 */
export const hasRecovered = ({ variety }: SampleEvent): boolean =>
  variety === undefined || (!showsOneFigure(variety) && variety.figures > FIGURES.recover);

/** The warning for a generator whose last grids were all collapsed. */
export function collapseWarning({ step, variety, diversity }: SampleEvent): WarningEvent {
  const what =
    variety && showsOneFigure(variety)
      ? `its samples show nearly one figure: they differ in ${percent(variety.figures)} as many ways as real images do, and in ${percent(variety.palettes)} as many palettes`
      : `its samples differ from one another only ${percent(diversity)} as much as real images do`;
  return {
    kind: "warning",
    step,
    name: "collapsed-generator",
    message: `The generator has collapsed: ${what}.`,
    advice:
      "It seldom recovers by itself, and another seed seldom helps. --rescue goes back to before it with the Wasserstein loss, which kept drawings apart where the hinge loss did not; or begin anew (--new) with it: " +
      "--set objective.loss=wasserstein --set objective.penalty=wgan-gp --set objective.lambda=10 --set discriminator.spectralNorm=false --set optimizer.learningRate=0.0005.",
  };
}
