/** The use case `compare`: two sets of images from anywhere, the first taken for the reference. */
import { resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { randomStream } from "../base/random.ts";
import { type ImageStore, listInProcess, openData, resolveSource } from "../data/index.node.ts";
import { UnusableImage } from "../data/sources/source.ts";
import type { Split } from "../data/store/store.ts";
import { type Evaluation, evaluate } from "../metrics/evaluate.ts";
import { storeImages } from "../metrics/extraction/images.ts";
import { requireEnough } from "../metrics/sample-counts.ts";
import { drawDistinct } from "../metrics/scores/kid.ts";
import type { Context } from "./context.ts";
import { evaluationRequest, type MeasurementOptions } from "./evaluate/request.ts";
import { measuringOf, metricsFor, openEvaluationTools } from "./evaluate/tools.ts";
import { packingOf } from "./support/images.ts";
import { openResources } from "./support/resources.ts";
import { canonicalSource } from "./support/run-folder.ts";

/** Images looked at to find how large they are. */
const TRIED = 8;
/** Side that images may be compared at, in pixels. */
export const LARGEST_SIDE = 4096;
/** Side that bigger images are brought to, unless the feature network wants more. */
const SMALL = 128;

/** Two sets of images, and what is measured between them. */
export interface CompareOptions extends MeasurementOptions {
  /** The reference, and what is compared with it: a folder, an archive, `cifar10:PATH`, … */
  readonly a: string;
  readonly b: string;
  /** Which part of each; all of it unless given. */
  readonly splitA?: Split | undefined;
  readonly splitB?: Split | undefined;
  /**
   * Side in pixels, or that of the smaller images; at most what the features look at unless given.
   */
  readonly resolution?: number | "native" | undefined;
}

/** What was measured: the document of `compare --json`. */
export type CompareOutcome = Evaluation & {
  /** The sources as they can be given again. */
  readonly a: string;
  readonly b: string;
};

/**
 * Measure between two sets of images, as `evaluate` does between generated and reference images.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function compare(options: CompareOptions, context: Context): Promise<CompareOutcome> {
  const { report, signal } = context;
  const request = evaluationRequest(options);
  const { protocol } = request;
  const sides = [
    { source: canonicalSource(options.a), split: options.splitA ?? "all" },
    { source: canonicalSource(options.b), split: options.splitB ?? "all" },
  ] as const;
  const native = options.resolution === "native";
  const asked = options.resolution === "native" ? undefined : options.resolution;
  const { use, close } = openResources();
  try {
    const tools = use(await openEvaluationTools(request, context, signal));
    const side =
      asked ??
      Math.min(
        LARGEST_SIDE,
        ...(await Promise.all(sides.map((each) => firstSide(each.source, each.split, signal)))),
      );
    const resolution = asked ?? comparedSide(side, tools.network.size, native);
    if (resolution < side)
      void report({
        kind: "note",
        message: `compared at ${resolution}×${resolution}; ${option("resolution", "native")} takes all pixels of the smaller images (${side}×${side}) and far longer`,
      });
    const stores: ImageStore[] = [];
    for (const { source, split } of sides) {
      const store = use(
        await openData({
          ...{ source, split, resolution, preprocessing: "centre-crop", minimumImages: 1, signal },
          onProgress: packingOf(report, "labelled"),
        }),
      );
      stores.push(store);
      void report({ kind: "images", role: "labelled", summary: store.summary });
      requireEnough(store.count, `image of ${store.summary.name}`);
      const message = warningOfSizes(store);
      if (message !== undefined) void report({ kind: "warning", message });
    }
    const [reference, compared] = stores as [ImageStore, ImageStore];
    const counts = {
      reference: Math.min(reference.count, protocol.reference.max, request.samples ?? reference.count),
      generated: Math.min(compared.count, request.samples ?? compared.count),
    };
    const repeats = request.repeats ?? 1;
    if (repeats > 1 && counts.generated === compared.count)
      throw new UserError(
        `All ${compared.count} images are compared each time, so repeating changes nothing.`,
        `Leave ${option("repeats")} out, or take fewer images each time with ${option("samples")}.`,
      );
    const evaluation = await evaluate({
      protocol,
      ...tools,
      metrics: metricsFor(counts, tools.metrics, request, context),
      reference,
      counts,
      repeats,
      generated: (repeat) =>
        storeImages(
          compared,
          drawDistinct(compared.count, counts.generated, randomStream(repeat, "compared images")),
        ),
      quantisation: "uint8",
      onProgress: measuringOf(report),
      signal,
    });
    for (const message of evaluation.warnings) void report({ kind: "warning", message });
    return { a: resolveName(sides[0].source), b: resolveName(sides[1].source), ...evaluation };
  } finally {
    await close();
  }
}

/**
 * The side that images are compared at, where none is asked for: theirs, but of big photographs no
 * more than the feature network looks at, or what the metrics of pixels (MS-SSIM) do in seconds.
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
  const listing = await listInProcess(definition, { location, split, signal });
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
    `Name the side they shall have with ${option("resolution")}.`,
  );
}

/** Numbers depend on how images became one size before any protocol saw them. */
function warningOfSizes({ size, summary: { name, width, height } }: ImageStore): string | undefined {
  if (width.min === size && width.max === size && height.min === size && height.max === size)
    return undefined;
  const range = ({ min, max }: typeof width): string => (min === max ? `${min}` : `${min}–${max}`);
  return `Images of ${name} are ${range(width)}×${range(height)} and were cropped and resized to ${size}×${size} first; only numbers made the same way are comparable.`;
}
