/**
 * The use case `orient`: which images are not upright, how sure that is, and copies rotated
 * upright.
 */
import { readdir } from "node:fs/promises";
import { extname, relative, resolve } from "node:path";
import { errorCode, requireWritable, writeFileWhole } from "../../base/disk/files.node.ts";
import { UserError } from "../../base/errors.ts";
import { option } from "../../base/option-names.ts";
import { csvRow } from "../../base/text/csv.ts";
import { inspectData, resolveSource } from "../../data/index.node.ts";
import type { SkippedFile } from "../../data/store/store.ts";
import { degrees, findRotatedImages, type OrientedImage, SURE } from "../../studies/orient/findings.ts";
import { rotationCheck } from "../../studies/orient/rotation-check.ts";
import type { Context } from "../context.ts";
import { type DataRequest, dataRequest, type ImagesOptions } from "../data/images-options.ts";
import type { GeneratorOptions } from "../sample/options.ts";
import { chosenStep } from "../support/chosen-step.ts";
import type { EngineChoice } from "../support/engine-choice.ts";
import { packingOf } from "../support/images.ts";
import { withRotationHead } from "../support/load-discriminator.ts";
import { runConfig } from "../support/load-generator.ts";
import { writeLast } from "../support/write-last.ts";
import { type Copies, copyWarnings, type Out, writeCopies } from "./copies.ts";

/** Whose rotation head judges which images. */
export interface RotationHeadOptions extends Omit<GeneratorOptions, "ema">, ImagesOptions, EngineChoice {}

/** The same, and what is made of it. */
export interface OrientOptions extends RotationHeadOptions {
  /** Confidence from which an image is called rotated, 0.25 to 1; 0.9 unless given. */
  readonly threshold?: number | undefined;
  /** A file for every image with its verdict, CSV or JSON. */
  readonly list?: string | undefined;
  /** A new folder for upright copies; originals are never changed. */
  readonly out?: string | undefined;
  /** Whether only images are copied that were rotated. */
  readonly turnedOnly?: boolean | undefined;
}

/** What was found and written. */
export interface OrientResult {
  /** The run folder, absolute. */
  readonly run: string;
  readonly step: number;
  /** Name of the data. */
  readonly data: string;
  /** Counts of verdicts, as the inspection found them. */
  readonly summary: object;
  readonly skipped: readonly SkippedFile[];
  readonly rows: readonly OrientedRow[];
  /** The list, where one was asked for; whether it is there says `listed`. */
  readonly list: string | undefined;
  readonly listed: boolean;
  /** The folder of copies, where some were asked for, and what became of them. */
  readonly out: string | undefined;
  readonly copies: Copies | undefined;
  /** Why list or copies could not be written. */
  readonly unwritten: string | undefined;
}

/**
 * Look for images that are not upright.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function orient(options: OrientOptions, context: Context): Promise<OrientResult> {
  const { run, threshold = SURE, turnedOnly = false } = options;
  const { report, signal } = context;
  const { data } = await runConfig(run);
  const request = dataRequest(options, { ...data, split: "all" });
  const out = await placeOfCopies(options, request);
  const list = placeOfList(options.list);
  if (list !== undefined) await requireWritable(list);
  const step = await chosenStep(run, options, context);
  const head = { step, engine: options, resolution: request.resolution };
  return withRotationHead(run, head, async (discriminator, answers) => {
    for (const message of discriminator.notes) void report({ kind: "warning", message });
    const images: OrientedImage[] = [];
    const collector = () => findRotatedImages(threshold, (image) => images.push(image));
    const found = await inspectData({
      ...request,
      signal,
      onProgress: packingOf(report, "inspection"),
      checks: [rotationCheck(discriminator.executable, answers, collector)],
    });
    // Told before anything is written: looking took the time.
    void report({ kind: "oriented", found, images, threshold });
    let copies: Copies | undefined;
    const uncopied =
      out &&
      (await writeLast(report, async () => {
        copies = await writeCopies(out, images, turnedOnly, context);
      }));
    for (const message of copies ? copyWarnings(copies) : []) void report({ kind: "warning", message });
    const rows = images.map(({ turns, ...image }) => ({
      ...image,
      turn: degrees(turns),
      ...(copies?.paths.has(image.path) && { copy: copies.paths.get(image.path) }),
    }));
    const unlisted =
      list === undefined
        ? undefined
        : await writeLast(report, () => writeFileWhole(list, listText(list, rows)));
    return {
      ...{ run: resolve(run), step: discriminator.step, data: found.name },
      ...{ summary: found.findings[0]!.data as object, skipped: found.skipped, rows },
      ...{ list, listed: list !== undefined && unlisted === undefined },
      ...{ out: out?.folder, copies, unwritten: uncopied ?? unlisted },
    };
  });
}

/** @throws UserError where copies cannot be written without touching what is there */
async function placeOfCopies(
  { out, turnedOnly }: OrientOptions,
  request: DataRequest,
): Promise<Out | undefined> {
  if (out === undefined) {
    if (turnedOnly === true)
      throw new UserError(
        `${option("turnedOnly")} is given without ${option("out")}.`,
        "It says which copies are written.",
      );
    return undefined;
  }
  const { definition, location } = resolveSource(request.source);
  if (definition.name !== "folder" || request.split !== "all")
    throw new UserError(
      `Copies can be written of a folder of images as a whole, not of ${definition.usage}${request.split === "all" ? "" : ` (${request.split})`}.`,
      `Leave ${option("out")} out: ${option("list")} names the images that are rotated.`,
    );
  const [folder, originals] = [resolve(out), resolve(location)];
  const between = relative(originals, folder);
  if (between === "" || (!between.startsWith("..") && resolve(originals, between) === folder))
    throw new UserError(
      `${option("out", out)} is inside the folder of the originals.`,
      "Choose another folder: copies there would be taken for more images.",
    );
  const there = await readdir(folder).catch((error: unknown): string[] => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  if (there.length > 0)
    throw new UserError(`${folder} is not empty.`, "Choose a new folder, so that nothing is replaced.");
  return { folder, originals };
}

/** @throws UserError for a list of another kind than CSV or JSON */
function placeOfList(list: string | undefined): string | undefined {
  if (list === undefined) return undefined;
  if ([".csv", ".json"].includes(extname(list).toLowerCase())) return resolve(list);
  throw new UserError(
    `${option("list", list)}: the list is CSV or JSON.`,
    "Let the name end in .csv or .json.",
  );
}

/** An image with its verdict, as a list and a result have it. */
export interface OrientedRow extends Omit<OrientedImage, "turns"> {
  /** Degrees counterclockwise. */
  readonly turn: number;
  readonly copy?: string | undefined;
}

function listText(path: string, rows: readonly OrientedRow[]): string {
  if (path.toLowerCase().endsWith(".json")) return `${JSON.stringify(rows, null, 1)}\n`;
  const head = csvRow(["path", "turn", "confidence", "agreement", "verdict", "exifOrientation", "copy"]);
  const lines = rows.map((row) =>
    csvRow([
      row.path,
      row.turn,
      row.confidence.toFixed(4),
      row.agreement,
      row.verdict,
      row.orientation,
      row.copy,
    ]),
  );
  return head + lines.join("");
}
