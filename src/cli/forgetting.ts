/** The work of `forgetting`. */
import { resolve } from "node:path";
import { openResources } from "../app/resources.ts";
import { shortPath } from "../app/run-folder.ts";
import { UserError } from "../base/errors.ts";
import { parseDevice } from "../engine/devices.ts";
import { textTable } from "../narration/table.ts";
import { comparisonSentence } from "../studies/online/comparison.ts";
import {
  ONLINE_DEFAULTS,
  type OnlineSettings,
  type OnlineVariation,
  VARIANTS,
} from "../studies/online/settings.ts";
import type { OnlineResult } from "../studies/online/study.ts";
import { EXIT, type Invocation } from "./command.ts";
import { interruptible } from "./interruptible.ts";
import { runStudy } from "./online-study.ts";

/** Run the study. @returns the exit code */
export async function forgettingFrom(invocation: Invocation): Promise<number> {
  const { output, args, options } = invocation;
  const source = args[0];
  if (source === undefined)
    throw new UserError(
      "The study needs a labelled data set: it is about telling classes apart.",
      "For example: quarterturn forgetting cifar10:/data/cifar-10-batches-bin",
    );
  const settings = readSettings(options);
  const dir = resolve(options.text("out") ?? "studies/online");
  const words = { stopped: "Stopped; the same command goes on.", document: { finished: false } };
  return interruptible(output, words, async (signal) => {
    const { keep, close } = openResources();
    try {
      const threads = options.number("threads", { whole: true, min: 0 }) ?? 0;
      const device = parseDevice(options.text("device") ?? "cpu");
      const result = await runStudy({ source, dir, settings, device, threads, output, signal, keep });
      const { unwritten } = result;
      output.result(describe(result, dir), {
        dir,
        finished: result.finished,
        ...(unwritten && { unwritten: unwritten.message }),
        comparison: result.comparison,
        results: result.results.map(({ variant, summary }) => ({ variant, ...summary })),
        files: result.files,
      });
      if (unwritten) output.warning(unwritten.message);
      if (unwritten) return EXIT.userError;
      return result.finished ? EXIT.done : EXIT.interrupted;
    } finally {
      await close();
    }
  });
}

function readSettings(options: Invocation["options"]): OnlineSettings {
  const whole = (name: string, min: number, max?: number): number | undefined =>
    options.number(name, { whole: true, min, ...(max !== undefined && { max }) });
  const given: Partial<OnlineSettings> = withoutUndefined({
    seed: whole("seed", 0),
    taskIterations: whole("iterations", 1),
    cycles: whole("cycles", 1),
    evaluateEvery: whole("evaluate-every", 1),
    evaluateAfter: readMoments(options.text("evaluate-after")),
    batchSize: whole("batch", 4),
    testImages: whole("test-images", 1),
    beta: options.number("beta", { min: 0 }),
    learningRate: options.number("learning-rate", { min: 0 }),
  });
  const width = whole("width", 4, 2048);
  const settings = { ...ONLINE_DEFAULTS, ...given };
  const most = 4 * settings.batchSize;
  const rotatedBatch = whole("rotated-batch", 4, most);
  if (rotatedBatch !== undefined && rotatedBatch % 4 !== 0)
    throw new UserError(
      `--rotated-batch ${rotatedBatch}: every image comes in four turns.`,
      `Give a multiple of 4, up to ${most} for batches of ${settings.batchSize}.`,
    );
  const readOut = options.flag("read-out") ? READ_OUT_IMAGES : undefined;
  const variation = readVariation(options);
  return {
    ...settings,
    rotatedBatch: rotatedBatch ?? Math.min(ONLINE_DEFAULTS.rotatedBatch, most),
    network: {
      ...settings.network,
      ...(width !== undefined && { width }),
      ...(options.flag("spectral-norm") === false && { spectralNorm: false }),
    },
    ...(readOut !== undefined && { readOut }),
    ...(Object.keys(variation).length > 0 && { variation }),
  };
}

/** Images of the class that a linear classifier is fitted to, and as many others. */
const READ_OUT_IMAGES = 1000;

function readVariation(options: Invocation["options"]): OnlineVariation {
  const momentum = options.number("momentum", { min: 0, max: 0.999 });
  return {
    ...(options.flag("label-rotated") && { labelRotated: true }),
    ...(options.flag("fresh-head") && { freshHead: true }),
    ...(momentum !== undefined && { momentum }),
    ...(options.flag("natural-balance") && { naturalBalance: true }),
  };
}

/** Numbers of iterations, ascending. */
function readMoments(text: string | undefined): number[] | undefined {
  const numbers = text?.split(",").map((part) => Number(part.trim() || Number.NaN));
  if (numbers?.some((value) => !Number.isInteger(value) || value < 1))
    throw new UserError(
      `--evaluate-after is a list of numbers of iterations, not "${text}".`,
      "For example: --evaluate-after 5,10,20,50",
    );
  return numbers?.sort((a, b) => a - b);
}

const withoutUndefined = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

function describe({ finished, results, comparison, files }: OnlineResult, dir: string): string {
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
