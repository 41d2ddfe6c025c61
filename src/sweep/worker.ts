/**
 * A worker of a fleet: takes points from a queue and supervises the child that trains each. It does
 * no arithmetic itself, so that its event loop is free to renew the job's lock for as long as the
 * child takes.
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { DelayedError, UnrecoverableError, WaitingError } from "bullmq";
import { within } from "../base/timeout.ts";
import type { Child, Environment, StartChild } from "./child.ts";
import { openWorker, type PointJob, pointOf } from "./queue.ts";
import type { QueuedPoint, QueueProgress } from "./queued-point.ts";

/** What a worker needs. */
export interface FleetWorkerOptions {
  readonly url: string;
  readonly queueName: string;
  /** Points at once. */
  readonly jobs: number;
  /** The folder that all machines share, as this one sees it; what the queue says if left out. */
  readonly folder?: string | undefined;
  /** The command in front of a point's arguments. */
  readonly command: readonly string[];
  /** Threads for the arithmetic of each point; as its arguments say unless given. */
  readonly threads?: number | undefined;
  readonly environment: Environment;
  readonly start: StartChild;
  isTaken(dir: string): Promise<boolean>;
  /** Steps a run has done. */
  stepOf(dir: string): Promise<number>;
  /** Milliseconds after which a job is taken from a worker that no longer renews its lock. */
  readonly lockDuration?: number;
  /** Aborting lets the children save and gives their points back. */
  readonly signal: AbortSignal;
  readonly onEvent?: ((point: QueuedPoint, event: string) => void) | undefined;
  /** Trouble with the queue itself, for example while Redis is restarted; the worker goes on. */
  readonly onTrouble?: ((error: Error) => void) | undefined;
}

const LOCK_DURATION = 30_000;
/** How long a point is left alone that another process still trains. */
const TAKEN_PAUSE = 15_000;
const REPORT_EVERY = 2_000;
/** How long the queue may take to hear what is given back, once all is saved. */
const FAREWELL = 5_000;

/** How a worker has ended. */
export interface WorkerEnd {
  /** Points that were under way when the end was asked for, and are saved. */
  readonly saved: number;
  /**
   * Whether the queue knows. If it does not answer, it finds out when the locks of the points are
   * over.
   */
  readonly told: boolean;
}

/** Work until `signal` is aborted. */
export async function runFleetWorker(options: FleetWorkerOptions): Promise<WorkerEnd> {
  const children = new Set<Child>();
  let [saved, returned] = [0, 0];
  const lockDuration = options.lockDuration ?? LOCK_DURATION;
  const threads = options.threads === undefined ? [] : ["--threads", String(options.threads)];
  const worker = openWorker(options.url, options.queueName, (job, token) => process(job, token), {
    concurrency: options.jobs,
    lockDuration,
    stalledInterval: lockDuration,
  });
  worker.on("error", (error) => options.onTrouble?.(error));
  worker.on("stalled", (id) =>
    options.onTrouble?.(new Error(`job ${id} was left by its worker and is taken up again`)),
  );

  async function process(job: PointJob, token: string | undefined): Promise<void> {
    const point = pointOf(job.data);
    const dir = join(options.folder ?? point.folder, point.id);
    const giveBack = async (pause: number): Promise<never> => {
      if (pause > 0) {
        await job.moveToDelayed(Date.now() + pause, token);
        throw new DelayedError();
      }
      await job.moveToWait(token);
      throw new WaitingError();
    };
    const leave = (): Promise<never> => {
      options.onEvent?.(point, "another process still trains it; left for later");
      return giveBack(Math.min(TAKEN_PAUSE, lockDuration));
    };
    if (options.signal.aborted) return giveBack(0);
    if (await options.isTaken(dir)) return leave();
    if (options.signal.aborted) return giveBack(0);
    const args = [...point.arguments, "--run", dir, ...threads];
    const child = options.start([...options.command, ...args], options.environment);
    children.add(child);
    options.onEvent?.(point, `training, attempt ${job.attemptsMade + 1}`);
    let over = false;
    const reportProgress = async (step: number, mistake = false): Promise<void> => {
      const progress: QueueProgress = { step, steps: point.steps, host: hostname(), mistake };
      await job.updateProgress(progress);
    };
    const report = setInterval(async () => {
      const step = await options.stepOf(dir);
      if (!over) await reportProgress(step).catch(() => undefined);
    }, REPORT_EVERY);
    try {
      const end = await child.ended;
      over = true;
      children.delete(child);
      if (end.kind === "interrupted" && options.signal.aborted) saved++;
      // The other process was quicker.
      if (end.kind === "refused" && (await options.isTaken(dir))) return await leave();
      options.onEvent?.(
        point,
        end.kind === "done" ? "done" : end.kind === "interrupted" ? "saved" : `failed: ${end.message}`,
      );
      if (end.kind === "interrupted") {
        await job.moveToWait(token);
        if (options.signal.aborted) returned++;
        throw new WaitingError();
      }
      // What the user must put right is not tried again.
      if (end.kind === "refused") {
        await reportProgress(await options.stepOf(dir), true);
        throw new UnrecoverableError(end.message);
      }
      if (end.kind === "crashed") throw new Error(end.message);
      await reportProgress(point.steps);
    } finally {
      clearInterval(report);
    }
  }

  if (!options.signal.aborted)
    await new Promise<void>((resolve) =>
      options.signal.addEventListener("abort", () => resolve(), { once: true }),
    );
  const left = [...children];
  for (const child of left) child.stop();
  // BullMQ waits for its server without end, when it closes too.
  const closed = worker.close().then(() => true);
  await Promise.all(left.map((child) => child.ended));
  const closes = (await within(closed, FAREWELL)) ?? false;
  return { saved, told: closes && returned === saved };
}
