/** Talking to the server. */
import type { LayersAt } from "../../src/studies/inside/layers.ts";
import type { PictureView } from "../../src/studies/inside/picture.ts";
import type { FeatureMapAnswer } from "../../src/studio/inside.ts";
import type { LiveMessage, RunCurves, RunDetail, RunTable } from "../../src/studio/protocol.ts";
import type { RunMarks } from "../../src/studio/runs/marks.ts";
import type { StartHint } from "../../src/studio/server/pages.ts";
import type { MemorizationFile } from "../../src/training/evaluation/memorization-file.node.ts";
import type { Command } from "../../src/training/loop/control/control.ts";
import type { SamplePredictions } from "../../src/training/sampling/predictions.ts";
import type { WeightHistograms } from "../../src/training/weight-histograms.ts";
import { addressOf, ask, snapshotMade } from "./source.ts";

const token = document.querySelector<HTMLMetaElement>('meta[name="quarterturn-token"]')?.content ?? "";

/** What the server says of a folder without runs. */
export const startHint = JSON.parse(
  document.querySelector<HTMLMetaElement>('meta[name="quarterturn-start"]')?.content ?? "null",
) as StartHint | null;

/** Ask for JSON. @throws Error saying why there is none */
export async function get<T>(path: string): Promise<T> {
  const response = await ask(path);
  if (!response.ok) throw new Error(await problemOf(response));
  return (await response.json()) as T;
}

async function problemOf(response: Response): Promise<string> {
  const told = (await response.json().catch(() => ({}))) as { error?: string; hint?: string | null };
  return [told.error ?? `The server answered ${response.status}.`, told.hint].filter(Boolean).join(" ");
}

const pathOf = (id: string): string => `/api/runs/${encodeURIComponent(id)}`;

/** What stands in the table, as it came last: a thousand runs are long. */
let table: { readonly tag: string; readonly content: RunTable } | undefined;

/** All runs; the same object while nothing has changed. */
export async function fetchTable(): Promise<RunTable> {
  const response = await ask("/api/table", { headers: table ? { "if-none-match": table.tag } : {} });
  if (response.status === 304 && table) return table.content;
  if (!response.ok) throw new Error(await problemOf(response));
  const content = (await response.json()) as RunTable;
  table = { tag: response.headers.get("etag") ?? "", content };
  return content;
}

/** Ask for a change. @throws Error saying why it was not made */
export async function change<T>(path: string, method: string, body?: unknown): Promise<T> {
  const response = await ask(path, {
    method,
    headers: { "content-type": "application/json", "x-quarterturn-token": token },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await problemOf(response));
  return (await response.json()) as T;
}

/** Write on a run; what is left out stays. */
export const putMarks = (id: string, marks: Partial<RunMarks>): Promise<RunMarks> =>
  change(`${pathOf(id)}/marks`, "PUT", marks);
/** Move a run to the trash. @returns what brings it back */
export const trashRun = (id: string): Promise<{ readonly ticket: string }> => change(pathOf(id), "DELETE");
/** Bring a run back from the trash. @param ticket of `trashRun` */
export const restoreRun = (ticket: string): Promise<{ readonly id: string }> =>
  change(`/api/trash/${encodeURIComponent(ticket)}`, "POST");
/** All that is known of a run but its curves. */
export const fetchDetail = (id: string): Promise<RunDetail> => get(pathOf(id));
/** The curves of a run, thinned for drawing. */
export const fetchCurves = (id: string): Promise<RunCurves> => get(`${pathOf(id)}/curves`);
/**
 * What the discriminator says of the images of a grid.
 * @param file path below the run folder, as the record has it
 */
export const fetchPredictions = (id: string, file: string): Promise<SamplePredictions> =>
  get(pathOfFile(id, file));

/**
 * How the weights are spread at a grid.
 * @param file path below the run folder, as the record has it
 */
export const fetchHistograms = (id: string, file: string): Promise<WeightHistograms> =>
  get(pathOfFile(id, file));

/**
 * The map of features at a checkpoint.
 * @param step the newest one if left out
 * @throws Error saying why there is none
 */
export const fetchMap = (id: string, step: number | undefined): Promise<FeatureMapAnswer> =>
  get(`${pathOf(id)}/inside/map${step === undefined ? "" : `?step=${step}`}`);
/** Norms of the discriminator's layers at its checkpoints. */
export const fetchLayers = (id: string): Promise<readonly LayersAt[]> => get(`${pathOf(id)}/inside/layers`);
/** The nearest training images of samples, as `memorization` found them. */
export const fetchMemorization = (id: string): Promise<MemorizationFile> => get(`${pathOf(id)}/memorization`);
/** Address of the sheet of samples beside their nearest training images. */
export const sheetOf = (id: string): string => addressOf(`${pathOf(id)}/memorization.png`);

/** Show a picture to a run's discriminator. @throws Error saying why it cannot be used */
export async function showPicture(
  id: string,
  picture: Blob,
  { step, label }: { readonly step: number | undefined; readonly label: number | undefined },
): Promise<PictureView> {
  const query = new URLSearchParams({
    ...(label !== undefined && { label: String(label) }),
    ...(step !== undefined && { step: String(step) }),
  });
  const response = await ask(`${pathOf(id)}/inside/picture?${query}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "x-quarterturn-token": token },
    body: picture,
  });
  if (response.status === 413) throw new Error("This file is too large: 32 MB are the most.");
  if (!response.ok) throw new Error(await problemOf(response));
  return (await response.json()) as PictureView;
}

const pathOfFile = (id: string, file: string): string =>
  `${pathOf(id)}/samples/${encodeURIComponent(file.replace(/^samples\//, ""))}`;
/** Address of a picture of a run. */
export const fileOf = (id: string, file: string): string => addressOf(pathOfFile(id, file));

/**
 * Send a command to the training of a run.
 * @returns the id of its answer.
 * @throws Error saying why it was not sent
 */
export const send = async (id: string, command: Command): Promise<string> =>
  (await change<{ id: string }>(`${pathOf(id)}/commands`, "POST", command)).id;

/** Milliseconds after which a server that refused to send news is asked again. */
const ASK_AGAIN = 10_000;

/** How a connection for news stands. `refused`: the server answered that it sends none. */
export type Listening = "open" | "lost" | "refused";

/**
 * Hear what is new in some runs; a broken connection is made again.
 * @returns a function that ends it
 */
export function listen(
  ids: readonly string[],
  heard: (message: LiveMessage) => void,
  changed: (state: Listening) => void,
): () => void {
  // Nothing is ever new in a page that was saved.
  if (snapshotMade !== undefined) return () => undefined;
  const query = new URLSearchParams(ids.map((id) => ["run", id]));
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(`/api/live?${query}`);
    source.onmessage = (event) => heard(JSON.parse(event.data as string) as LiveMessage);
    source.onopen = () => changed("open");
    source.onerror = () => {
      // The browser tries again where nobody answers, but not where the answer was no.
      const refused = source.readyState === EventSource.CLOSED;
      changed(refused ? "refused" : "lost");
      if (refused) timer = setTimeout(open, ASK_AGAIN);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
