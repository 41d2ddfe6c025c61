/** Which picture the view shows of a run, and what to say of it. */
import { formatCount } from "../../../src/base/text/format/index.ts";
import type { RunDetail } from "../../../src/studio/protocol.ts";
import type { SampleEvent } from "../../../src/training/events.ts";
import { atStep, type Shown, type View } from "../view.ts";

/** The picture to show. */
export interface SamplesView {
  readonly sample: SampleEvent | undefined;
  /** What can be shown; the first is shown unless another one is asked for. */
  readonly choices: readonly Shown[];
  readonly shown: Shown;
  /** Path below the run folder. */
  readonly file: string | undefined;
  readonly alt: string;
  readonly words: string;
  /** The picture in a few words; says so where it is not the one that was asked for. */
  readonly name: string;
}

const WORDS: Readonly<Record<Shown, string>> = {
  averaged: "Always the same 64 latent vectors, through the moving average of the generator's weights.",
  fake: "Always the same 64 latent vectors, through the generator as it is at this step.",
  real: "64 of the images it learns from, chosen once.",
};

/** In a few words what is shown. */
function nameOf(shown: Shown, wanted: Shown, sample: SampleEvent | undefined): string {
  const grid = `grid of step ${formatCount(sample?.step ?? 0)}`;
  if (shown === "real")
    return wanted === "real" ? "real images" : "real images, as there are no generated ones yet";
  if (wanted === "real") return `generated images, as no real ones were kept, ${grid}`;
  if (shown === "averaged") return `averaged weights, ${grid}`;
  return wanted === "averaged"
    ? `weights as they are, as there are no averaged ones, ${grid}`
    : `weights as they are, ${grid}`;
}

/** What the view shows of a run; what is not there is replaced by what is. */
export function samplesView(detail: Pick<RunDetail, "samples" | "reals">, view: View): SamplesView {
  const sample = atStep(detail.samples, view.step);
  const choices: Shown[] = [
    ...(sample?.averagedFile ? (["averaged"] as const) : []),
    ...(sample ? (["fake"] as const) : []),
    ...(detail.reals ? (["real"] as const) : []),
  ];
  const shown = choices.includes(view.shown) ? view.shown : (choices[0] ?? "fake");
  const file =
    shown === "real" ? "samples/reals.png" : shown === "averaged" ? sample?.averagedFile : sample?.file;
  const alt =
    shown === "real" ? "A grid of real images" : `A grid of generated images after step ${sample?.step ?? 0}`;
  return { sample, choices, shown, file, alt, words: WORDS[shown], name: nameOf(shown, view.shown, sample) };
}
