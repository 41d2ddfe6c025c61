/** The worker that trains: images, a trial, the run, its file. The page only shows what it says. */
import { UserError } from "../../../src/base/errors.ts";
import { drawRandomImages } from "../../../src/data/store/batches.ts";
import type { DataSummary, ImageStore } from "../../../src/data/store/store.ts";
import type { PretextDescription } from "../../../src/objectives/pretext/description.ts";
import { taskOf } from "../../../src/objectives/pretext/registry.ts";
import { flattenConfig, parseConfig } from "../../../src/training/config/check.ts";
import type { Config } from "../../../src/training/config/schema.ts";
import type { RecordLine, TrainEvent } from "../../../src/training/events.ts";
import type { Command } from "../../../src/training/loop/control/control.ts";
import {
  type ArchivedRun,
  imageFiles,
  runFilesIn,
  storeOfFiles,
  unzip,
  unzipRun,
  zipRun,
} from "../../../src/training/run/folder/archive.ts";
import { checkpointSteps } from "../../../src/training/run/memory-run.ts";
import { imageGrid, type Picture } from "../../../src/training/sampling/samples.ts";
import { serve } from "../rpc.ts";
import { hasGpu } from "../runtime.ts";
import { openBuiltIn } from "./built-in.ts";
import { type Choices, RESOLUTION, type TabDevice } from "./choices.ts";
import { nameOf, readConfig, readRecord, type Sample, sampleOf } from "./contents.ts";
import { isPicture, type Source, storeOfPictures } from "./decode.ts";
import { canKeep, forgetRun, keepRun, keptRun, keptSize } from "./keep.ts";
import { type Session, startSession, type Trial, tryOut } from "./session.ts";
import { choicesOf, configOf } from "./settings.ts";

/** What the worker says by itself. */
export type WorkerEvent =
  | { readonly kind: "progress"; readonly what: string; readonly done: number; readonly total: number }
  | { readonly kind: "train"; readonly event: TrainEvent }
  | { readonly kind: "sample"; readonly sample: Sample }
  | { readonly kind: "paused"; readonly paused: boolean }
  | { readonly kind: "kept"; readonly step: number }
  /** Before a run begins, or goes on: what it is taught besides real or generated. */
  | { readonly kind: "task"; readonly task: PretextDescription | undefined }
  | { readonly kind: "failed"; readonly message: string; readonly hint?: string | undefined };

/** Images that are ready. */
export interface Images {
  readonly summary: DataSummary;
  readonly preview: Picture;
}

/** A run that was opened. */
export interface OpenedRun {
  readonly name: string;
  readonly step: number;
  readonly choices: Choices;
  readonly task: PretextDescription | undefined;
  readonly record: readonly RecordLine[];
  readonly samples: readonly Sample[];
  readonly images: Images;
}

let store: ImageStore | undefined;
let builtIn = false;
/** A run that goes on; undefined for one that begins. */
let run: ArchivedRun | undefined;
let session: Session | undefined;

const handlers = {
  ...{ useBuiltIn, openZip, openFolder, kept: keptSize, restore, forget: forgetRun },
  ...{ devices, trial, start, command, stop, archive, generator },
};
const emit = serve<WorkerEvent>(handlers);
export type TrainHandlers = typeof handlers;

const imagesOf = (of: ImageStore): Images => ({
  summary: of.summary,
  preview: imageGrid(drawRandomImages(of, 64, 0), of.size, 16, 1),
});

/** Take pictures as the data of a new run. */
async function pictures(sources: readonly Source[], name: string): Promise<Images> {
  const fresh = await storeOfPictures(sources, RESOLUTION, name, (done, total) =>
    emit({ kind: "progress", what: "reading images", done, total }),
  );
  [store, builtIn, run] = [fresh, false, undefined];
  return imagesOf(fresh);
}

/** Take the built-in images. @param base the page's address */
async function useBuiltIn(base: string): Promise<Images> {
  const fresh = await openBuiltIn(base);
  [store, builtIn, run] = [fresh, true, undefined];
  return imagesOf(fresh);
}

/** Open a zip file: a run, or a folder of pictures. */
async function openZip(bytes: Uint8Array, where: string, base: string): Promise<OpenedRun | Images> {
  const entries = unzip(bytes, where);
  const found = runFilesIn(entries);
  if (found) return openRun(found, base);
  const sources = [...entries].map(([path, content]) => ({
    path,
    content: new Blob([content as Uint8Array<ArrayBuffer>]),
  }));
  if (!sources.some(isPicture)) unzipRun(bytes, where);
  return pictures(sources, where);
}

/** Open the files of a folder, which is a run or holds pictures. */
async function openFolder(
  sources: readonly Source[],
  name: string,
  base: string,
): Promise<OpenedRun | Images> {
  const isRun = sources.some(({ path }) => /(^|\/)metrics\.jsonl$/.test(path));
  if (!isRun) return pictures(sources, name);
  const entries = new Map<string, Uint8Array>();
  for (const { path, content } of sources) entries.set(path, new Uint8Array(await content.arrayBuffer()));
  const found = runFilesIn(entries, name);
  if (!found)
    throw new UserError(
      `${name} is not a whole run folder: it has no config.json.`,
      "Choose the whole folder, or a file made by quarterturn bundle RUN.",
    );
  return openRun(found, base);
}

async function openRun(found: ArchivedRun, base: string): Promise<OpenedRun> {
  const config = readConfig(found);
  const own = storeOfFiles(found.files, config.data.resolution);
  if (!own && config.data.source !== null)
    throw new UserError(
      `The run ${found.name} does not bring its images along.`,
      "Put both into one file: quarterturn bundle RUN",
    );
  const images = own ?? (await openBuiltIn(base));
  if (images.size !== config.data.resolution)
    throw new UserError(
      `The run is trained on the built-in images at ${config.data.resolution} pixels; this page has them at ${images.size}.`,
      "Put both into one file: quarterturn bundle RUN",
    );
  [store, builtIn, run] = [images, own === undefined, found];
  const record = readRecord(found);
  const samples = record.flatMap((line) => (line.kind === "sample" ? (sampleOf(line, found) ?? []) : []));
  const step = checkpointSteps(found.files)[0] ?? 0;
  return {
    ...{ name: found.name, step, choices: choicesOf(config) },
    task: taskOf(config.objective)?.description,
    ...{ record: record.filter((line) => line.step <= step), samples: samples.filter((s) => s.step <= step) },
    images: imagesOf(images),
  };
}

function chosen(choices: Choices): { readonly config: Config; readonly store: ImageStore } {
  if (!store) throw new UserError("There are no images yet.", "Drop some, or take the built-in ones.");
  const config = run
    ? parseConfig({
        ...flattenConfig(readConfig(run)),
        "training.steps": choices.steps,
        "engine.device": choices.device === "webgpu" ? "webgpu" : "auto",
        "engine.threads": 0,
      })
    : configOf(choices, builtIn);
  return { config, store };
}

/** How fast a run with these choices would be here. */
async function trial(choices: Choices): Promise<Trial> {
  const { config, store } = chosen(choices);
  return tryOut(config, store);
}

/** Devices there are here. */
async function devices(): Promise<readonly TabDevice[]> {
  return (await hasGpu()) ? ["cpu", "webgpu"] : ["cpu"];
}

/**
 * Begin, or go on with, the run.
 * @param keep whether the browser keeps it for a later visit, where it can
 */
async function start(choices: Choices, keep = true): Promise<void> {
  const chosenNow = chosen(choices);
  emit({ kind: "task", task: taskOf(chosenNow.config.objective)?.description });
  const files = run?.files ?? (builtIn ? new Map<string, Uint8Array>() : imageFiles(chosenNow.store));
  const current: ArchivedRun = run ?? { name: nameOf(chosenNow.store), files };
  const keeps = keep && (await canKeep());
  session = await startSession(current, chosenNow.config, chosenNow.store, async (event) => {
    if (event.kind === "paused") return emit(event);
    emit({ kind: "train", event });
    if (event.kind === "sample") {
      const sample = sampleOf(event, current);
      if (sample) emit({ kind: "sample", sample });
    }
    if (event.kind === "checkpoint" && keeps) {
      await keepRun(zipRun(current.name, current.files));
      emit({ kind: "kept", step: event.step });
    }
  });
  run = current;
  session.ended.catch((error: unknown) => {
    const { message, hint } = error as UserError;
    emit({ kind: "failed", message: message ?? String(error), hint });
  });
}

async function command(what: Command): Promise<void> {
  await session?.command(what);
}

/** End after the step under way, with a checkpoint. */
async function stop(): Promise<void> {
  session?.stop();
  await session?.ended.catch(() => undefined);
}

/** The run as one file. */
async function archive(): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  if (!run) throw new UserError("There is no run yet.", "Train first.");
  const bytes = session ? await session.archive() : zipRun(run.name, run.files);
  return { name: `${run.name}.zip`, bytes };
}

/** The generator as it is now. */
async function generator(): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  if (!session || !run) throw new UserError("There is no generator yet.", "Train first.");
  return { name: run.name, bytes: await session.generator() };
}

/** Open the run of an earlier visit. */
async function restore(base: string): Promise<OpenedRun> {
  const bytes = await keptRun();
  if (!bytes)
    throw new UserError(
      "No run is kept in this browser.",
      "Begin a new run, or open one that was saved as a file.",
    );
  return openRun(unzipRun(bytes, "the run kept in this browser"), base);
}
