/** The use case of a sweep through a queue: workers on any number of machines train its runs. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../../base/disk/folders.node.ts";
import { formatCountOf } from "../../base/text/format/index.ts";
import { unlessAborted, within } from "../../base/timeout.ts";
import { enqueue, type QueuedState, queuedPoint, queuedState } from "../../sweep/enqueue.ts";
import { loadQueue } from "../../sweep/load-queue.ts";
import type { PointQueue } from "../../sweep/queue.ts";
import { QUEUE_NAME } from "../../sweep/queue-address.ts";
import type { QueuedPoint } from "../../sweep/queued-point.ts";
import type { Context } from "../context.ts";
import { savedStep } from "../support/saved-step.ts";
import { troubleReport } from "./queue-trouble.ts";
import { chosenPoints, concludeSweep, type PointOutcome, type SweepFile, type SweepResult } from "./sweep.ts";

/** How a sweep goes through a queue. */
export interface QueueOptions {
  /** The queue's address: `redis://…` or `postgres://…`. */
  readonly queue: string;
  /** Its name; `quarterturn` unless given. */
  readonly queueName?: string | undefined;
  /** How often a crashed run is tried again; 3 unless given. */
  readonly retries?: number | undefined;
  /** The number of the only run to be trained, from 0; all unless given. */
  readonly only?: number | undefined;
}

/** Milliseconds between two looks at the queue. */
const LOOK_EVERY = 1000;
/** Milliseconds that the end of a connection is waited for. */
export const FAREWELL = 2000;

/**
 * Put the runs of a sweep into a queue, follow them until all are done or failed, and write their
 * results. Aborting ends the following; the workers go on. The folder of the runs is one that all
 * machines share.
 * @throws UserError for an address that is none, a client that is not installed, and where nothing
 * can be written
 */
export async function sweepThroughQueue(
  file: SweepFile,
  options: QueueOptions,
  context: Context,
): Promise<SweepResult> {
  chosenPoints(file, options.only);
  await makeFolder(file.folder);
  return concludeSweep(file, options.only, await follow(file, options, context), context);
}

/** @returns how each ended, by id, as far as it was followed */
async function follow(
  file: SweepFile,
  { queue: url, queueName = QUEUE_NAME, retries = 3, only }: QueueOptions,
  { report, signal }: Context,
): Promise<ReadonlyMap<string, PointOutcome>> {
  const { openQueue, waitForQueue } = await loadQueue(url);
  const onTrouble = troubleReport(url, report);
  const states = new Map<string, PointOutcome>();
  let queue: PointQueue | undefined;
  try {
    await waitForQueue(url, { signal, onTrouble });
    if (signal.aborted) return states;
    queue = openQueue(url, queueName);
    // Without a listener Redis going away would end the process; it comes back, and the loop below just looks again.
    queue.on("error", onTrouble);
    const { folder } = file;
    const queued = chosenPoints(file, only).map((point) => queuedPoint(point, folder));
    const done = async (point: { id: string; steps: number }): Promise<boolean> =>
      (await savedStep(join(folder, point.id))) >= point.steps;
    await unlessAborted(enqueue(queue, queued, retries, done), signal);
    if (!signal.aborted) void report({ kind: "queued", runs: queued.length, queue: url });
    const look = (from: PointQueue, point: QueuedPoint): Promise<QueuedState | undefined> =>
      unlessAborted(queuedState(from, point), signal).catch((error: Error) => void onTrouble(error));
    /**
     * Put in again what the queue has lost: it may have been emptied, or its server restarted
     * without its data.
     */
    const refill = async (into: PointQueue, lost: readonly QueuedPoint[]): Promise<void> => {
      if (lost.length === 0) return;
      void report({
        kind: "warning",
        message: `the queue has lost ${formatCountOf(lost.length, "run")}: it was emptied, or its server started without its data. They are put in again.`,
      });
      await unlessAborted(enqueue(into, lost, retries, done), signal).catch(onTrouble);
    };
    while (!signal.aborted) {
      const lost: QueuedPoint[] = [];
      for (const point of queued) {
        if (states.get(point.id)?.kind === "done") continue;
        const there = await done(point);
        const state = there ? undefined : await look(queue, point);
        const kind = there ? "done" : state?.kind;
        if (kind === undefined) continue;
        if (kind === "lost") {
          // One that had failed is not tried again for this.
          if (states.get(point.id)?.kind !== "failed") lost.push(point);
          continue;
        }
        if (states.get(point.id)?.kind !== kind)
          void report({
            ...{ kind: "queued-point", point },
            state: `${kind}${state?.kind === "failed" ? ` (${state.message})` : ""}`,
          });
        states.set(point.id, { kind, mistake: state?.progress?.mistake });
        if (state?.progress) void report({ kind: "queued-progress", point, progress: state.progress });
      }
      await refill(queue, lost);
      if (queued.every(({ id }) => ["done", "failed"].includes(states.get(id)?.kind ?? ""))) break;
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    }
    return states;
  } finally {
    if (queue) await within(queue.close(), FAREWELL).catch(() => undefined);
  }
}
