/** The work of `bundle`: a run with its images as one file, which the playground opens and goes on with, as does `train` when it is unpacked. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { findCheckpoint, runConfig } from "../app/load-generator.ts";
import { shortPath } from "../app/run-folder.ts";
import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import { readRegular } from "../base/regular.node.ts";
import { type ImageStore, openData } from "../data/index.node.ts";
import { RUN_SOURCE } from "../data/run-images.ts";
import { imageBytes } from "../data/store.ts";
import { packReport } from "../narration/progress.ts";
import { imageFiles, zipRun } from "../training/archive.ts";
import { type Checkpoint, encodeMeta } from "../training/checkpoint-format.ts";
import { STATE, WEIGHTS } from "../training/checkpoint-schema.ts";
import type { Config } from "../training/config/schema.ts";
import { readableBytes, requireWritable, sha256, writeFileWhole } from "../training/files.node.ts";
import { readOwn } from "../training/own-files.node.ts";
import { provenanceOf } from "../training/provenance.ts";
import { isSampleFile, readSampleFile } from "../training/sample-files.node.ts";
import type { Invocation } from "./command.ts";

/** A browser tab holds all of it in memory, several times over. */
const MOST_BYTES = 1e9;

/** Write a run and its images into one file. @throws UserError for everything a user can put right */
export async function bundleFrom({ args: [run = ""], options, output }: Invocation): Promise<void> {
  const out = options.text("out");
  if (out !== undefined && !out.endsWith(".zip"))
    throw new UserError(`--out ${out}: a bundle is a zip file.`, "Let the name end in .zip.");
  const config = await runConfig(run);
  const { checkpoint, notes } = await findCheckpoint(run, options.number("step", { whole: true, min: 1 }));
  for (const note of notes) output.warning(note);
  const name = basename(resolve(run));
  const path = resolve(out ?? join(dirname(resolve(run)), `${name}.zip`));
  await requireWritable(path);
  const store = await openData({ ...config.data, onProgress: packReport(output) });
  try {
    if (store.hash !== checkpoint.meta.provenance.data)
      throw new UserError(
        `The images in ${store.summary.source} are not those that ${run} was trained on.`,
        "Put the images back that it was begun with.",
      );
    const size = store.count * imageBytes(store.size);
    if (size > MOST_BYTES)
      throw new UserError(
        `${run} is trained on ${readableBytes(size)} of images, too many for a browser tab (${readableBytes(MOST_BYTES)}).`,
        "Train it with quarterturn train.",
      );
    const files = await bundleFiles(run, config, checkpoint, store);
    const bytes = zipRun(name, files);
    await writeFileWhole(path, bytes);
    const { step } = checkpoint.meta.progress;
    output.result(
      `${shortPath(path)} (step ${formatCount(step)}, ${formatCount(store.count)} images, ${readableBytes(bytes.length)})`,
      { run: resolve(run), path, step, images: store.count, bytes: bytes.length },
    );
  } finally {
    store.close();
  }
}

/** The files of the run as they go into the bundle: self-contained, with the images as they are in training. */
async function bundleFiles(
  run: string,
  config: Config,
  { path, meta }: Checkpoint,
  store: ImageStore,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const put = (name: string, bytes: Uint8Array | undefined): unknown => bytes && files.set(name, bytes);
  for (const name of ["metrics.jsonl", "environment.json", "changes.json", "classes.json"])
    put(name, await readOwn(run, name, { most: MOST_BYTES, what: "a file of a bundle" }));
  for (const name of await readdir(join(run, "samples")).catch((): string[] => []))
    if (isSampleFile(`samples/${name}`)) put(`samples/${name}`, await readSampleFile(run, `samples/${name}`));
  const folder = `checkpoints/${basename(path)}`;
  // They were read a moment ago, and found to be what `meta.json` says.
  for (const name of [WEIGHTS, STATE] as const)
    put(
      `${folder}/${name}`,
      await readRegular(join(path, name), { most: meta.files[name].bytes, what: "it" }),
    );
  const portable = { ...config, data: { ...config.data, ...CARRIED } };
  const provenance = provenanceOf(portable, store, meta.provenance.engine, sha256);
  files.set(`${folder}/meta.json`, encodeMeta({ ...meta, provenance }, sha256));
  files.set("config.json", new TextEncoder().encode(`${JSON.stringify(portable, null, 2)}\n`));
  for (const [name, bytes] of imageFiles(store)) files.set(name, bytes);
  return files;
}

/** How the images are named that the bundle carries: all of them, and they are squares of the right size. */
const CARRIED = {
  source: RUN_SOURCE,
  split: "all",
  preprocessing: "centre-crop",
  resize: "lanczos3",
} as const;
