/**
 * Loads what a sweep through a queue needs. The clients of queue servers are optional packages: few
 * users have such a server, and the clients are large.
 */
import { UserError } from "../base/errors.ts";
import { isPostgres } from "./queue-address.ts";

/**
 * The optional packages and the major version of each (package.json has the same in
 * peerDependencies).
 */
export const QUEUE_PACKAGES = { bullmq: 6, ioredis: 5, pg: 8 } as const;

type QueuePackage = keyof typeof QUEUE_PACKAGES;

/**
 * Check that the packages for the queue at `url` are installed.
 * @param load imports a package by its name
 * @throws UserError that says what to install
 */
export async function requireQueuePackages(
  url: string,
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<void> {
  const needed: QueuePackage[] = ["bullmq", isPostgres(url) ? "pg" : "ioredis"];
  const missing: QueuePackage[] = [];
  for (const name of needed)
    try {
      await load(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
      missing.push(name);
    }
  if (missing.length === 0) return;
  const [server, packages] = [isPostgres(url) ? "PostgreSQL" : "Redis", missing.join(" and ")];
  throw new UserError(
    `A queue in ${server} needs ${packages}, which ${missing.length === 1 ? "is" : "are"} not installed.`,
    `Install what is missing beside quarterturn: npm install ${missing.map((name) => `${name}@${QUEUE_PACKAGES[name]}`).join(" ")}`,
  );
}

/**
 * Load the code for a queue.
 * @throws UserError when a package that the queue at `url` needs is not installed
 */
export async function loadQueue(url: string) {
  await requireQueuePackages(url);
  const [{ openQueue }, { waitForQueue }, { runFleetWorker }] = await Promise.all([
    import("./queue.ts"),
    import("./wait-for-queue.ts"),
    import("./worker.ts"),
  ]);
  return { openQueue, waitForQueue, runFleetWorker };
}
