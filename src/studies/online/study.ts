/**
 * The whole online study (paper figure 3): the same classifier with and without self-supervision,
 * on the same seeds and batches, summarized and drawn. Everything lands in one folder; what is
 * already there is not run again.
 */
import { join } from "node:path";
import { writeFileWhole } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { lineChartsSvg } from "../figures/line-chart.ts";
import { svgToPng } from "../figures/png.ts";
import { type CycleComparison, compareSides } from "./comparison.ts";
import { onlineChart } from "./figure.ts";
import { type AccuracyLine, type OnlineSummary, summarize } from "./record.ts";
import { type OnlineRun, runOnline } from "./run.ts";
import { type OnlineSettings, VARIANTS, type VariantName } from "./settings.ts";

/** How one side came out. */
export interface VariantResult {
  readonly variant: VariantName;
  readonly summary: OnlineSummary;
  readonly lines: readonly AccuracyLine[];
}

/** What a study gave. */
export interface OnlineResult {
  readonly finished: boolean;
  readonly results: readonly VariantResult[];
  /** The two sides against each other, cycle by cycle, as far as both have got. */
  readonly comparison: readonly CycleComparison[];
  /** Files written: figure and summary; none before the study is complete. */
  readonly files: readonly string[];
  /** Why they could not be written, where they could not: the numbers are there all the same. */
  readonly unwritten?: UserError;
}

/** Where a study is. */
export type StudyProgress = (
  variant: VariantName,
  step: number,
  total: number,
  line: AccuracyLine | undefined,
) => void;

/**
 * Run what is missing of the study.
 * @param study as for one side; `dir` is the folder of the whole, `settings.selfSupervision` is set
 * for each side
 */
export async function runOnlineStudy(
  study: Omit<OnlineRun, "onProgress"> & { readonly onProgress?: StudyProgress },
): Promise<OnlineResult> {
  const results: VariantResult[] = [];
  for (const variant of Object.keys(VARIANTS) as VariantName[]) {
    const { selfSupervision } = VARIANTS[variant];
    const { lines, finished } = await runOnline({
      ...study,
      dir: join(study.dir, variant),
      settings: { ...study.settings, selfSupervision },
      onProgress: (step, total, line) => study.onProgress?.(variant, step, total, line),
    });
    results.push({ variant, lines, summary: summarize(lines) });
    if (!finished)
      return { finished: false, results, comparison: compared(results, study.settings), files: [] };
  }
  const comparison = compared(results, study.settings);
  try {
    return { finished: true, results, comparison, files: await writeResults(study, results, comparison) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { finished: true, results, comparison, files: [], unwritten: error };
  }
}

function compared(results: readonly VariantResult[], settings: OnlineSettings): CycleComparison[] {
  const linesOf = (name: VariantName) => results.find(({ variant }) => variant === name)?.lines ?? [];
  return compareSides(linesOf("vanilla"), linesOf("rotation"), settings);
}

async function writeResults(
  { dir, settings, train }: Pick<OnlineRun, "dir" | "settings" | "train">,
  results: readonly VariantResult[],
  comparison: readonly CycleComparison[],
): Promise<string[]> {
  const curves = results.map(({ variant, lines }) => ({ name: VARIANTS[variant].title, lines }));
  const svg = lineChartsSvg([onlineChart(curves, settings, train.classNames.length)], {
    width: 960,
    height: 420,
  });
  const summaries = Object.fromEntries(results.map(({ variant, summary }) => [variant, summary]));
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ["online.svg", svg],
    ["online.png", svgToPng(svg)],
    [
      "summary.json",
      `${JSON.stringify({ settings, classes: train.classNames, ...summaries, comparison }, null, 2)}\n`,
    ],
  ];
  for (const [name, content] of files) await writeFileWhole(join(dir, name), content);
  return files.map(([name]) => join(dir, name));
}
