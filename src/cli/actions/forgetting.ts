/** `forgetting`: the use case, printed. */
import { type ForgettingOptions, type ForgettingOutcome, studyForgetting } from "../../app/forgetting.ts";
import { shortPath } from "../../app/support/run-folder.ts";
import { UserError } from "../../base/errors.ts";
import { textTable } from "../../narration/table.ts";
import { comparisonSentence } from "../../studies/online/comparison.ts";
import { ONLINE_DEFAULTS, VARIANTS } from "../../studies/online/settings.ts";
import { EXIT, type Invocation } from "../command.ts";
import { readEngine } from "../options/engine-options.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { contextOf } from "../terminal/narrate.ts";

/** Run the study. @returns the exit code */
export async function forgettingFrom(invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const asked = readForgettingOptions(invocation);
  const words = { stopped: "Stopped; the same command goes on.", document: { finished: false } };
  return interruptible(output, words, async (signal) => {
    const outcome = await studyForgetting(asked, contextOf(output, signal));
    const { dir, unwritten } = outcome;
    output.result(describe(outcome), {
      dir,
      finished: outcome.finished,
      ...(unwritten && { unwritten: unwritten.message }),
      comparison: outcome.comparison,
      results: outcome.results.map(({ variant, summary }) => ({ variant, ...summary })),
      files: outcome.files,
    });
    if (unwritten) output.warning(unwritten.message);
    if (unwritten) return EXIT.userError;
    return outcome.finished ? EXIT.done : EXIT.interrupted;
  });
}

function readForgettingOptions({ args: [data], options }: Invocation): ForgettingOptions {
  if (data === undefined)
    throw new UserError(
      "The study needs a labeled data set: it is about telling classes apart.",
      "For example: quarterturn forgetting cifar10:/data/cifar-10-batches-bin",
    );
  const whole = (name: string, min: number, max?: number): number | undefined =>
    options.number(name, { whole: true, min, ...(max !== undefined && { max }) });
  const batch = whole("batch", 4);
  return {
    ...{ data, batch, ...readEngine(options) },
    out: options.text("out"),
    seed: whole("seed", 0),
    width: whole("width", 4, 2048),
    iterations: whole("iterations", 1),
    cycles: whole("cycles", 1),
    evaluateEvery: whole("evaluate-every", 1),
    evaluateAfter: readMoments(options.text("evaluate-after")),
    testImages: whole("test-images", 1),
    rotatedBatch: whole("rotated-batch", 4, 4 * (batch ?? ONLINE_DEFAULTS.batchSize)),
    beta: options.number("beta", { min: 0 }),
    learningRate: options.number("learning-rate", { min: 0 }),
    momentum: options.number("momentum", { min: 0, max: 0.999 }),
    labelRotated: options.flag("label-rotated"),
    freshHead: options.flag("fresh-head"),
    naturalBalance: options.flag("natural-balance"),
    spectralNorm: options.flag("spectral-norm"),
    readOut: options.flag("read-out"),
  };
}

/** Numbers of iterations. */
function readMoments(text: string | undefined): number[] | undefined {
  const numbers = text?.split(",").map((part) => Number(part.trim() || Number.NaN));
  if (numbers?.some((value) => !Number.isInteger(value) || value < 1))
    throw new UserError(
      `--evaluate-after is a list of numbers of iterations, not "${text}".`,
      "For example: --evaluate-after 5,10,20,50",
    );
  return numbers;
}

function describe({ dir, finished, results, comparison, files }: ForgettingOutcome): string {
  if (!finished) return `Saved in ${shortPath(dir)}. The same command goes on.`;
  const number = (value: number): string => value.toFixed(3);
  const distances = results[0]?.summary.recovery.map(({ iterations }) => iterations) ?? [];
  const recovered = results.map(({ variant, summary }) => [
    VARIANTS[variant].title,
    ...summary.recovery.map(({ accuracy, lastCycle }) => `${number(accuracy)} (${number(lastCycle)})`),
  ]);
  const rows = results.map(({ variant, summary }) => [
    VARIANTS[variant].title,
    number(summary.firstCycle),
    number(summary.lastCycle),
    number(summary.carriedOver),
    number(summary.meanDrop),
    number(summary.earlyAccuracy),
  ]);
  return [
    textTable([["", "first cycle", "last cycle", "carried over", "mean drop", "after a switch"], ...rows]),
    ...(distances.length > 0
      ? [
          "",
          textTable([["iterations after a switch (last cycle)", ...distances.map(String)], ...recovered]),
          "",
        ]
      : []),
    ...results.flatMap(({ variant, summary: { readOut } }) =>
      readOut === undefined
        ? []
        : [`linear read-out at switches, ${VARIANTS[variant].title}: ${number(readOut)}`],
    ),
    ...comparison.map(comparisonSentence),
    ...files.map((file) => `made    ${shortPath(file)}`),
  ].join("\n");
}
