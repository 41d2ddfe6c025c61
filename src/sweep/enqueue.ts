/** Puts the points of a sweep into a queue, and follows them from outside. */

import type { SweepPoint } from "./plan.ts";
import type { PointJob, PointQueue } from "./queue.ts";
import type { QueuedPoint, QueueProgress } from "./queued-point.ts";

/** The same point with the same number of steps is the same job, however often it is put in. */
export const jobId = (point: Pick<QueuedPoint, "id" | "steps">): string => `${point.id}-${point.steps}`;

/** What goes into the queue for a point. */
export function queuedPoint(
  { id, label, seed, config, arguments: args }: SweepPoint,
  folder: string,
): QueuedPoint {
  const at = args.indexOf("--run");
  return {
    id,
    label,
    seed,
    steps: config.training.steps,
    arguments: [...args.slice(0, at), ...args.slice(at + 2)],
    folder,
  };
}

/**
 * Put points into the queue. One that is waiting or under way stays as it is; one that failed
 * before, or whose run folder has vanished since, is put in anew.
 * @param isDone whether the run has all its steps
 */
export async function enqueue(
  queue: PointQueue,
  points: readonly QueuedPoint[],
  retries: number,
  isDone: (point: QueuedPoint) => Promise<boolean>,
): Promise<void> {
  for (const point of points) {
    if (await isDone(point)) continue;
    const job = (await queue.getJob(jobId(point))) as PointJob | undefined;
    const state = await job?.getState();
    if (state === "failed" || state === "completed") await job!.remove();
    await queue.add("point", point, {
      jobId: jobId(point),
      attempts: retries + 1,
      backoff: { type: "exponential", delay: 2000 },
    });
  }
}

/** A point as the queue sees it. */
export interface QueuedState {
  /**
   * `lost`: the queue knows nothing of it, as when it was emptied, or its server was restarted
   * without its data.
   */
  readonly kind: "waiting" | "running" | "done" | "failed" | "lost";
  readonly progress: QueueProgress | undefined;
  readonly message: string | undefined;
}

/** Look a point up. */
export async function queuedState(queue: PointQueue, point: QueuedPoint): Promise<QueuedState> {
  const job = (await queue.getJob(jobId(point))) as PointJob | undefined;
  if (job === undefined) return { kind: "lost", progress: undefined, message: undefined };
  const state = await job.getState();
  const progress = typeof job.progress === "object" ? (job.progress as QueueProgress) : undefined;
  const kind =
    state === "completed"
      ? "done"
      : state === "failed"
        ? "failed"
        : state === "active"
          ? "running"
          : "waiting";
  return { kind, progress, message: job.failedReason };
}
