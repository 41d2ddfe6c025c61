/**
 * The use case `bundle`: a run with its images as one file, which the playground opens and goes on
 * with, as does `train` when it is unpacked.
 */

import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { requireWritable, sha256, writeFileWhole } from "../base/disk/files.node.ts";
import { readRegular } from "../base/disk/regular.node.ts";
import { UserError } from "../base/errors.ts";
import { option } from "../base/option-names.ts";
import { formatBytes } from "../base/text/format/index.ts";
import { type ImageStore, openData } from "../data/index.node.ts";
import { RUN_SOURCE } from "../data/run-images.ts";
import { imageBytes } from "../data/store/store.ts";
import type { Config } from "../training/config/schema.ts";
import { type Checkpoint, encodeMeta } from "../training/run/checkpoint/checkpoint-format.ts";
import { STATE, WEIGHTS } from "../training/run/checkpoint/checkpoint-schema.ts";
import { imageFiles, zipRun } from "../training/run/folder/archive.ts";
import { readOwn } from "../training/run/folder/own-files.node.ts";
import { provenanceOf } from "../training/run/record/provenance.ts";
import { isSampleFile, readSampleFile } from "../training/sampling/sample-files.node.ts";
import type { Context } from "./context.ts";
import { packingOf } from "./support/images.ts";
import { findCheckpoint, runConfig } from "./support/load-generator.ts";

/** A browser tab holds all of it in memory, several times over. */
const MAX_BYTES = 1e9;

/** Which run, and where it goes. */
export interface BundleOptions {
  /** A run folder. */
  readonly run: string;
  /** Of the checkpoint; the newest whole one unless given. */
  readonly step?: number | undefined;
  /** A zip file; beside the run unless given. */
  readonly out?: string | undefined;
}

/** What was written: the document of `bundle --json`. */
export interface BundleResult {
  /** The run folder, and the file; both absolute. */
  readonly run: string;
  readonly path: string;
  readonly step: number;
  readonly images: number;
  readonly bytes: number;
}

/**
 * Write a run and its images into one file.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function bundle(options: BundleOptions, context: Context): Promise<BundleResult> {
  const { run, out } = options;
  const { report, signal } = context;
  if (out !== undefined && !out.endsWith(".zip"))
    throw new UserError(`${option("out", out)}: a bundle is a zip file.`, "Let the name end in .zip.");
  const config = await runConfig(run);
  const { checkpoint, notes } = await findCheckpoint(run, options.step);
  for (const message of notes) void report({ kind: "warning", message });
  const name = basename(resolve(run));
  const path = resolve(out ?? join(dirname(resolve(run)), `${name}.zip`));
  await requireWritable(path);
  const store = await openData({ ...config.data, signal, onProgress: packingOf(report, "trained") });
  try {
    if (store.hash !== checkpoint.meta.provenance.data)
      throw new UserError(
        `The images in ${store.summary.source} are not those that ${run} was trained on.`,
        "Put the images back that it was begun with.",
      );
    const size = store.count * imageBytes(store.size);
    if (size > MAX_BYTES)
      throw new UserError(
        `${run} is trained on ${formatBytes(size)} of images, too many for a browser tab (${formatBytes(MAX_BYTES)}).`,
        "Train it with quarterturn train.",
      );
    const bytes = zipRun(name, await bundleFiles(run, config, checkpoint, store));
    await writeFileWhole(path, bytes);
    const { step } = checkpoint.meta.progress;
    return { run: resolve(run), path, step, images: store.count, bytes: bytes.length };
  } finally {
    store.close();
  }
}

/**
 * The files of the run as they go into the bundle: self-contained, with the images as they are in
 * training.
 */
async function bundleFiles(
  run: string,
  config: Config,
  { path, meta }: Checkpoint,
  store: ImageStore,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const put = (name: string, bytes: Uint8Array | undefined): unknown => bytes && files.set(name, bytes);
  for (const name of ["metrics.jsonl", "environment.json", "changes.json", "classes.json"])
    put(name, await readOwn(run, name, { max: MAX_BYTES, what: "a file of a bundle" }));
  for (const name of await readdir(join(run, "samples")).catch((): string[] => []))
    if (isSampleFile(`samples/${name}`)) put(`samples/${name}`, await readSampleFile(run, `samples/${name}`));
  const folder = `checkpoints/${basename(path)}`;
  // They were read a moment ago, and found to be what `meta.json` says.
  for (const name of [WEIGHTS, STATE] as const)
    put(
      `${folder}/${name}`,
      await readRegular(join(path, name), { max: meta.files[name].bytes, what: "it" }),
    );
  const portable = { ...config, data: { ...config.data, ...CARRIED } };
  const provenance = provenanceOf(portable, store, meta.provenance.engine, sha256);
  files.set(`${folder}/meta.json`, encodeMeta({ ...meta, provenance }, sha256));
  files.set("config.json", new TextEncoder().encode(`${JSON.stringify(portable, null, 2)}\n`));
  for (const [name, bytes] of imageFiles(store)) files.set(name, bytes);
  return files;
}

/**
 * How the images are named that the bundle carries: all of them, and they are squares of the right
 * size.
 */
const CARRIED = {
  source: RUN_SOURCE,
  split: "all",
  preprocessing: "centre-crop",
  resize: "lanczos3",
} as const;
