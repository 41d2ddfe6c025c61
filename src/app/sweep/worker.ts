/** The use case `worker`: takes the runs of sweeps from a queue and trains them here. */
import { resolve } from "node:path";
import { availableThreads } from "../../engine/devices/cpu.node.ts";
import { type Environment, startChild } from "../../sweep/child.ts";
import { loadQueue } from "../../sweep/load-queue.ts";
import { QUEUE_NAME } from "../../sweep/queue-address.ts";
import type { WorkerEnd } from "../../sweep/worker.ts";
import { lockedBy } from "../../training/run/folder/lock.node.ts";
import type { Context } from "../context.ts";
import { savedStep } from "../support/saved-step.ts";
import { troubleReport } from "./queue-trouble.ts";

export type { WorkerEnd };

/** Which queue, and how its runs are trained. */
export interface WorkerOptions {
  /** The queue's address: `redis://…` or `postgres://…`. */
  readonly queue: string;
  /** Its name; `quarterturn` unless given. */
  readonly queueName?: string | undefined;
  /** The folder that all machines share, as this one sees it; what the queue says unless given. */
  readonly out?: string | undefined;
  /** Runs at once, among which the cores are shared out; 1 unless given. */
  readonly jobs?: number | undefined;
  /** Seconds after which a run is taken from a worker that has been silent; 30 unless given. */
  readonly lockSeconds?: number | undefined;
  /** This program, before its arguments: each run is a process of its own. */
  readonly command: readonly string[];
  /** The environment of those processes; it should not have the queue's address. */
  readonly environment: Environment;
}

/**
 * Take runs from a queue and train them until the signal aborts; then save and give back what is
 * under way.
 * @throws UserError for an address that is none, and a client that is not installed
 */
export async function runWorker(options: WorkerOptions, { report, signal }: Context): Promise<WorkerEnd> {
  const { queue: url, jobs = 1, out, lockSeconds } = options;
  const { runFleetWorker, waitForQueue } = await loadQueue(url);
  const onTrouble = troubleReport(url, report);
  void report({ kind: "working", queue: url });
  await waitForQueue(url, { signal, onTrouble });
  if (signal.aborted) return { saved: 0, told: true };
  return runFleetWorker({
    url,
    queueName: options.queueName ?? QUEUE_NAME,
    jobs,
    folder: out === undefined ? undefined : resolve(out),
    command: options.command,
    threads: jobs === 1 ? undefined : Math.max(1, Math.floor(availableThreads() / jobs)),
    environment: options.environment,
    start: startChild,
    isTaken: async (dir) => (await lockedBy(dir)) !== undefined,
    stepOf: savedStep,
    ...(lockSeconds !== undefined && { lockDuration: 1000 * lockSeconds }),
    signal,
    onEvent: (point, state) => void report({ kind: "queued-point", point, state }),
    onTrouble,
  });
}
