/** The work of `compare`: two sets of images from anywhere, the first taken for the reference. */
import { resolve } from "node:path";
import { metricsFor, openInstruments } from "../app/evaluate/instruments.ts";
import { evaluationRequest } from "../app/evaluate/request.ts";
import { canonicalSource } from "../app/run-folder.ts";
import { UserError } from "../base/errors.ts";
import { randomStream } from "../base/random.ts";
import { type ImageStore, listApart, openData, resolveSource } from "../data/index.node.ts";
import { UnusableImage } from "../data/sources/source.ts";
import type { Split } from "../data/store.ts";
import { evaluationAdvice } from "../metrics/advice.ts";
import { evaluate } from "../metrics/evaluate.ts";
import { storeImages } from "../metrics/images.ts";
import { drawDistinct } from "../metrics/kid.ts";
import { requireEnough } from "../metrics/sample-counts.ts";
import { dataSentence } from "../narration/data-sentence.ts";
import { evaluationLines, evaluationProgress } from "../narration/evaluation-report.ts";
import { packReport } from "../narration/progress.ts";
import type { Invocation } from "./command.ts";
import { readMeasurement, readSplit } from "./evaluation-options.ts";
import { interruptible } from "./interruptible.ts";
import { narrate } from "./narrate.ts";
import type { Output } from "./output.ts";

/** Images looked at to find how large they are. */
const TRIED = 8;
const LARGEST = 4096;
/** Side that bigger images are brought to, unless the feature network wants more. */
const SMALL = 128;

const WORDS = {
  stopping: "Stopping… Press Ctrl-C again to quit at once.",
  stopped: "Stopped; nothing was compared.",
};

/** Compare. @returns the exit code. @throws UserError for everything a user can put right */
export const compareFrom = (invocation: Invocation): Promise<number> =>
  interruptible(invocation.output, WORDS, (signal) => compareUntil(signal, invocation));

/** @throws UserError for everything a user can put right; the signal's reason when it aborts */
async function compareUntil(signal: AbortSignal, { args, options, output }: Invocation): Promise<void> {
  const report = narrate(output);
  const request = evaluationRequest(readMeasurement(options));
  const { protocol } = request;
  const sides = (["a", "b"] as const).map((name, i) => ({
    source: canonicalSource(args[i] ?? ""),
    split: readSplit(options, `split-${name}`, "all"),
  }));
  const native = options.text("resolution") === "native";
  const asked = native ? undefined : options.number("resolution", { whole: true, min: 1, max: LARGEST });
  const instruments = await openInstruments(request, { report }, signal);
  const stores: ImageStore[] = [];
  try {
    const side =
      asked ??
      Math.min(
        LARGEST,
        ...(await Promise.all(sides.map((each) => firstSide(each.source, each.split, signal)))),
      );
    const resolution = asked ?? comparedSide(side, instruments.network.size, native);
    if (resolution < side)
      output.line(
        `compared at ${resolution}×${resolution}; --resolution native takes all pixels of the smaller images (${side}×${side}) and far longer`,
      );
    for (const side of sides) {
      const store = await openData({
        ...side,
        resolution,
        preprocessing: "centre-crop",
        minimumImages: 1,
        signal,
        onProgress: packReport(output),
      });
      stores.push(store);
      output.line(dataSentence(store.summary));
      requireEnough(store.count, `image of ${store.summary.name}`);
      warnOfSizes(store, output);
    }
    const [reference, compared] = stores as [ImageStore, ImageStore];
    const counts = {
      reference: Math.min(reference.count, protocol.reference.most, request.samples ?? reference.count),
      generated: Math.min(compared.count, request.samples ?? compared.count),
    };
    const repeats = request.repeats ?? 1;
    if (repeats > 1 && counts.generated === compared.count)
      throw new UserError(
        `All ${compared.count} images are compared each time, so repeating changes nothing.`,
        "Leave --repeats out, or take fewer images each time with --samples.",
      );
    const evaluation = await evaluate({
      protocol,
      ...instruments,
      metrics: metricsFor(counts, instruments.metrics, request, { report }),
      reference,
      counts,
      repeats,
      generated: (repeat) =>
        storeImages(
          compared,
          drawDistinct(compared.count, counts.generated, randomStream(repeat, "compared images")),
        ),
      quantisation: "uint8",
      onProgress: evaluationProgress(output),
      signal,
    });
    for (const warning of evaluation.warnings) output.warning(warning);
    output.result([...evaluationLines(evaluation), ...evaluationAdvice(evaluation)].join("\n"), {
      a: resolveName(sides[0]!.source),
      b: resolveName(sides[1]!.source),
      ...evaluation,
    });
  } finally {
    for (const store of stores) store.close();
    await instruments.close();
  }
}

/**
 * The side that images are compared at, where none is asked for: theirs, but of big photographs no more than the feature network
 * looks at, or what the metrics of pixels (MS-SSIM) do in seconds.
 * @param side of the smaller images, in pixels
 * @param seen by the feature network; 0 where it takes any
 * @param native whether all pixels are wanted
 */
export const comparedSide = (side: number, seen: number, native: boolean): number =>
  native ? side : Math.min(side, Math.max(SMALL, seen));

/** A source as it can be given again. */
const resolveName = (source: string | null): string => source ?? resolveSource(null).definition.name;

/** The shorter side of the first image that can be used. @throws UserError when there is none */
async function firstSide(source: string | null, split: Split, signal: AbortSignal): Promise<number> {
  const { definition, location } = resolveSource(source);
  const listing = await listApart(definition, { location, split, signal });
  try {
    for (let i = 0; i < Math.min(TRIED, listing.paths.length); i++)
      try {
        signal.throwIfAborted();
        const { width, height } = await listing.load(i, {
          size: 8,
          preprocessing: "centre-crop",
          resize: "lanczos3",
        });
        return Math.min(width, height);
      } catch (error) {
        if (!(error instanceof UnusableImage)) throw error;
      }
  } finally {
    await listing.close();
  }
  throw new UserError(
    `None of the first images of ${source === null ? resolveName(null) : resolve(source)} can be used.`,
    "Name the side they shall have with --resolution.",
  );
}

/** Numbers depend on how images became one size before any protocol saw them. */
function warnOfSizes({ size, summary: { name, width, height } }: ImageStore, output: Output): void {
  if (width.min === size && width.max === size && height.min === size && height.max === size) return;
  const range = ({ min, max }: typeof width): string => (min === max ? `${min}` : `${min}–${max}`);
  output.warning(
    `Images of ${name} are ${range(width)}×${range(height)} and were cropped and resized to ${size}×${size} first; only numbers made the same way are comparable.`,
  );
}
