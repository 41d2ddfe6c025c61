/**
 * A sweep's points in a queue that many machines take from: BullMQ on Redis (or Valkey), or on
 * PostgreSQL. The queue says only who should train what next; where a run has got to is in its
 * folder, on a disk that the machines share. So a lost or doubled message costs nothing: the
 * command for a point begins, goes on, or is done at once, and the lock of the run folder keeps two
 * machines apart.
 */
import {
  createPostgresBackend,
  type Job,
  Queue,
  UnrecoverableError,
  Worker,
  type WorkerOptions,
} from "bullmq";
import { z } from "zod";
import { problemIn } from "../base/schema.ts";
import { isPostgres } from "./queue-address.ts";
import type { QueuedPoint } from "./queued-point.ts";

const pointSchema: z.ZodType<QueuedPoint> = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  label: z.string(),
  seed: z.int().min(0),
  steps: z.int().min(1),
  arguments: z.array(z.string()),
  folder: z.string(),
});

/**
 * A point as it came out of the queue, which others write to as well.
 * @throws UnrecoverableError for what is none
 */
export function pointOf(data: unknown): QueuedPoint {
  const result = pointSchema.safeParse(data);
  if (result.success) return result.data;
  throw new UnrecoverableError(`what the queue holds is no run of a sweep: ${problemIn(result.error, data)}`);
}

export type PointQueue = Queue<QueuedPoint>;
export type PointJob = Job<QueuedPoint>;

/** The queue to fill and to look into. The caller closes it. */
export function openQueue(url: string, name: string): PointQueue {
  return isPostgres(url)
    ? (new Queue<QueuedPoint, unknown, string>(
        name,
        { connection: postgresConnection(url) as never },
        createPostgresBackend as never,
      ) as unknown as PointQueue)
    : new Queue<QueuedPoint>(name, { connection: redisConnection(url) });
}

/** A worker that takes points from the queue. */
export function openWorker(
  url: string,
  name: string,
  process: (job: PointJob, token: string | undefined) => Promise<unknown>,
  options: Pick<WorkerOptions, "concurrency" | "lockDuration" | "stalledInterval">,
): Worker<QueuedPoint> {
  // A machine may die any number of times during a run of days; the run goes on each time, so stalling is no failure.
  const shared = { ...options, maxStalledCount: 1_000_000 };
  return isPostgres(url)
    ? (new Worker<QueuedPoint>(
        name,
        process,
        { ...shared, connection: postgresConnection(url) as never },
        createPostgresBackend as never,
      ) as unknown as Worker<QueuedPoint>)
    : new Worker<QueuedPoint>(name, process, { ...shared, connection: redisConnection(url) });
}

/**
 * Whoever comes first makes the tables; the others find them. Without it BullMQ refuses a database
 * it has not been in.
 */
const postgresConnection = (url: string): { connectionString: string; migrate: true } => ({
  connectionString: url,
  migrate: true,
});

/** Workers must wait for a Redis that is away, not give up. */
const redisConnection = (url: string): { url: string; maxRetriesPerRequest: null } => ({
  url,
  maxRetriesPerRequest: null,
});
