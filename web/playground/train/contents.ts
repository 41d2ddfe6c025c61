/**
 * What is in the files of a run: its configuration, its record, its samples; and what a new one is
 * called.
 */
import { UserError } from "../../../src/base/errors.ts";
import type { ImageStore } from "../../../src/data/store/store.ts";
import { flattenConfig, parseConfig } from "../../../src/training/config/check.ts";
import type { Config } from "../../../src/training/config/schema.ts";
import type { RecordLine, SampleEvent } from "../../../src/training/events.ts";
import type { ArchivedRun } from "../../../src/training/run/folder/archive.ts";
import { parseRecord } from "../../../src/training/run/record/record-lines.ts";
import type { SamplePredictions } from "../../../src/training/sampling/predictions.ts";

/** A grid of samples with what the discriminator says of it. */
export interface Sample {
  readonly step: number;
  /** PNG files. */
  readonly picture: Uint8Array;
  readonly reals: Uint8Array | undefined;
  readonly predictions: SamplePredictions | undefined;
}

/** The configuration of a run. @throws UserError when it is damaged */
export function readConfig({ name, files }: ArchivedRun): Config {
  try {
    const text = new TextDecoder().decode(files.get("config.json"));
    return parseConfig(flattenConfig(JSON.parse(text) as object), () => `${name}/config.json`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${name}/config.json is damaged: it is not JSON.`, "Take the file again.");
  }
}

/** The lines of a record that can be read. */
export const readRecord = ({ files }: ArchivedRun): readonly RecordLine[] =>
  parseRecord(new TextDecoder().decode(files.get("metrics.jsonl"))).lines;

/** The grid of a line of the record, if its picture is there. */
export function sampleOf(event: SampleEvent, { files }: ArchivedRun): Sample | undefined {
  const picture = files.get(event.averagedFile ?? event.file);
  if (!picture) return undefined;
  const document = event.judgement === undefined ? undefined : files.get(event.judgement);
  const predictions = document && (JSON.parse(new TextDecoder().decode(document)) as SamplePredictions);
  return { step: event.step, picture, reals: files.get("samples/reals.png"), predictions };
}

/** What to call a new run: `cats-32`, as in Node. */
export function nameOf({ summary, size }: ImageStore): string {
  const slug = summary.name
    .replace(/\.zip$/i, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-");
  return `${slug.replace(/^-+|-+$/g, "") || "images"}-${size}`;
}
