/** `sweep --queue` and `worker`: the points of a sweep through a queue that many machines take from. */
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { savedStep } from "../app/saved-step.ts";
import type { PointOutcome } from "../app/sweep/sweep.ts";
import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import { unlessAborted, within } from "../base/patience.ts";
import { readableNumber } from "../base/readable.ts";
import { withoutSecrets } from "../base/secrets.ts";
import { availableThreads } from "../engine/cpu.node.ts";
import { startChild } from "../sweep/child.ts";
import { enqueue, type QueuedState, queuedPoint, queuedState } from "../sweep/enqueue.ts";
import { loadQueue } from "../sweep/load-queue.ts";
import type { SweepPoint } from "../sweep/plan.ts";
import type { PointQueue, QueuedPoint } from "../sweep/queue.ts";
import { checkQueueUrl, QUEUE_NAME } from "../sweep/queue-address.ts";
import type { WorkerEnd } from "../sweep/worker.ts";
import { lockedBy } from "../training/lock.node.ts";
import { EXIT, type Invocation } from "./command.ts";
import { watchInterrupts } from "./interrupt.ts";
import type { Output } from "./output.ts";

/** The queue's address: `--queue`, or the environment, which does not show in lists of processes. */
export function queueUrl(options: Invocation["options"]): string | undefined {
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  const url = options.text("queue") ?? process.env["QUARTERTURN_QUEUE"];
  if (url === undefined || url === "") return undefined;
  checkQueueUrl(url);
  return url;
}

const queueName = (options: Invocation["options"]): string => options.text("queue-name") ?? QUEUE_NAME;

const LOOK_EVERY = 1000;
/** How long the end of a connection is waited for. */
const FAREWELL = 2000;

/** A sweep for a queue. */
export interface QueuedSweep {
  /** The queue's address. */
  readonly url: string;
  readonly points: readonly SweepPoint[];
  /** The folder that all machines share. */
  readonly folder: string;
  /** How often a crashed point is tried again. */
  readonly retries: number;
}

/**
 * Put the points into the queue and follow them until all are done or failed.
 * @returns how each ended by id, and whether following was interrupted (the workers go on then)
 */
export async function sweepThroughQueue(
  { options, output }: Invocation,
  { url, points, folder, retries }: QueuedSweep,
): Promise<{ readonly states: ReadonlyMap<string, PointOutcome>; readonly interrupted: boolean }> {
  const { openQueue, waitForQueue } = await loadQueue(url);
  const interrupts = watchInterrupts(output);
  const { signal } = interrupts;
  const onTrouble = troubleReport(output, url);
  const states = new Map<string, PointOutcome>();
  let queue: PointQueue | undefined;
  try {
    await waitForQueue(url, { signal, onTrouble });
    if (signal.aborted) return { states, interrupted: true };
    queue = openQueue(url, queueName(options));
    // Without a listener Redis going away would end the process; it comes back, and the loop below just looks again.
    queue.on("error", onTrouble);
    const queued = points.map((point) => queuedPoint(point, folder));
    const done = async (point: { id: string; steps: number }): Promise<boolean> =>
      (await savedStep(join(folder, point.id))) >= point.steps;
    await unlessAborted(enqueue(queue, queued, retries, done), signal);
    if (!signal.aborted)
      output.line(
        `${queued.length} runs are in the queue at ${withoutSecrets(url)}; "quarterturn worker" on any machine takes them.`,
      );
    const look = (from: PointQueue, point: QueuedPoint): Promise<QueuedState | undefined> =>
      unlessAborted(queuedState(from, point), signal).catch((error: Error) => void onTrouble(error));
    /** Put in again what the queue has lost: it may have been emptied, or its server restarted without its data. */
    const refill = async (into: PointQueue, lost: readonly QueuedPoint[]): Promise<void> => {
      if (lost.length === 0) return;
      output.warning(
        `the queue has lost ${readableNumber(lost.length, "run")}: it was emptied, or its server started without its data. They are put in again.`,
      );
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
          output.line(
            `${point.id}  seed ${point.seed}  ${point.label}: ${kind}${state?.kind === "failed" ? ` (${state.message})` : ""}`,
          );
        states.set(point.id, { kind, mistake: state?.progress?.mistake });
        if (state?.progress)
          output.status(
            `${point.id}: ${formatCount(Math.max(0, state.progress.step))}/${formatCount(point.steps)} on ${state.progress.host}`,
          );
      }
      await refill(queue, lost);
      if (queued.every(({ id }) => ["done", "failed"].includes(states.get(id)?.kind ?? ""))) break;
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    }
    return { states, interrupted: signal.aborted };
  } finally {
    if (queue) await within(queue.close(), FAREWELL).catch(() => undefined);
    interrupts.dispose();
  }
}

/**
 * A client whose server is away, or does not answer, cannot always be closed and would keep the process. So when a command has nothing left to
 * do, its process is ended if it does not end by itself: the timer does not keep it either.
 */
export const endDespiteConnections = (): void => void setTimeout(() => process.exit(), FAREWELL).unref();

/** `quarterturn worker`. @returns the exit code, always that of an interruption: a worker ends when it is told to */
export async function workerFrom({ options, output }: Invocation): Promise<number> {
  const url = queueUrl(options);
  if (url === undefined)
    throw new UserError(
      "A worker needs the address of its queue.",
      "Give it with --queue redis://HOST:PORT, or in the environment as QUARTERTURN_QUEUE, where nobody sees its password.",
    );
  const jobs = options.number("jobs", { whole: true, min: 1, max: 1024 }) ?? 1;
  const out = options.text("out");
  const { runFleetWorker, waitForQueue } = await loadQueue(url);
  const interrupts = watchInterrupts(output);
  const onTrouble = troubleReport(output, url);
  output.line(`taking runs from ${withoutSecrets(url)}; Ctrl-C saves and gives them back`);
  try {
    await waitForQueue(url, { signal: interrupts.signal, onTrouble });
    const end = interrupts.signal.aborted
      ? { saved: 0, told: true }
      : await runFleetWorker({
          url,
          queueName: queueName(options),
          jobs,
          folder: out === undefined ? undefined : resolve(out),
          command: [process.execPath, process.argv[1]!],
          extra: jobs === 1 ? [] : ["--threads", String(Math.max(1, Math.floor(availableThreads() / jobs)))],
          environment: withoutQueue(process.env),
          start: startChild,
          isTaken: async (dir) => (await lockedBy(dir)) !== undefined,
          stepOf: savedStep,
          ...lockDuration(options.number("lock-seconds", { min: 1 })),
          signal: interrupts.signal,
          onEvent: (point, event) => output.line(`${point.id}  seed ${point.seed}  ${point.label}: ${event}`),
          onTrouble,
        });
    output.result(farewell(end), { stopped: true, ...end });
    return EXIT.interrupted;
  } finally {
    interrupts.dispose();
    endDespiteConnections();
  }
}

function farewell({ saved, told }: WorkerEnd): string {
  if (saved === 0) return "Stopped; nothing was under way.";
  const what = saved === 1 ? "the run under way is" : `the ${saved} runs under way are`;
  return told
    ? `Stopped; ${what} saved and back in the queue.`
    : `Stopped; ${what} saved. The queue does not answer; once it does, it finds out by itself that this worker has left.`;
}

/** Says what is the matter with the queue: once a fault, not once an attempt to connect, and never with the password. */
function troubleReport(output: Output, url: string): (error: Error) => void {
  let trouble = "";
  return (error) => {
    // Where a name has several addresses, Node's error is about all of them and has a code only.
    const message = error.message || (error as NodeJS.ErrnoException).code || error.name;
    if (message === trouble) return;
    trouble = message;
    output.warning(`the queue: ${message.replaceAll(url, withoutSecrets(url))}`);
  };
}

/** Children have no business with the queue, and its password none in their environment. */
function withoutQueue({ QUARTERTURN_QUEUE: _, ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return rest;
}

const lockDuration = (seconds: number | undefined): { lockDuration?: number } =>
  seconds === undefined ? {} : { lockDuration: 1000 * seconds };
