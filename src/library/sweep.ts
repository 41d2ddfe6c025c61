/** `sweep` as functions: many runs that a file describes. */
import { type QueueOptions, sweepThroughQueue } from "../app/sweep/queue.ts";
import {
  plannedRows,
  readSweepFile,
  type SweepOptions,
  type SweepResult,
  sweep as sweepWith,
} from "../app/sweep/sweep.ts";
import { checkQueueUrl } from "../sweep/queue-address.ts";
import type { ResultRow } from "../sweep/results.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";
import { forProgram } from "./support/program-words.ts";
import { thisProgram } from "./support/this-program.ts";

/** Where the runs of a sweep are. */
export interface SweepFolder {
  /** Their folder; below `runs/` after the file unless given. */
  readonly out?: string | undefined;
}

/** How the runs are trained on this machine. */
export interface SweepCall extends Omit<SweepOptions, "command">, SweepFolder, Interruptible {}

/** How they go through a queue. */
export interface SweepQueueCall extends QueueOptions, SweepFolder, Interruptible {}

/** The runs of a sweep as they stand. */
export interface SweepPlan {
  /** The folder of the runs, absolute. */
  readonly folder: string;
  readonly points: readonly ResultRow[];
}

/** What came of a sweep. */
export type SweepOutcome = SweepResult["document"];

const PLAN: kind.Kinds<SweepFolder> = { out: kind.text };

const SHARED = { ...PLAN, retries: kind.whole(0), only: kind.whole(0), ...INTERRUPTIBLE };

const TRAIN: kind.Kinds<SweepCall> = { ...SHARED, jobs: kind.whole(1, 1024) };

const ENQUEUE: kind.Kinds<SweepQueueCall> = { ...SHARED, queue: kind.text, queueName: kind.text };

/**
 * Many runs, a grid or a list of them, each for several seeds, as `quarterturn sweep` trains them.
 * @example The runs of a file, of which only the first is trained
 * ```ts
 * import { sweep } from "quarterturn";
 *
 * const { points } = await sweep.plan("seeds.yaml");
 * const trained = await sweep.train("seeds.yaml", { only: 0 });
 * const ends = trained.points.map(({ state, step }) => `${state} ${step}`);
 * console.log(points.length, ends.join(", "));
 * ```
 */
export const sweep = {
  /**
   * The runs of a sweep, and what is there of each; nothing is trained.
   * @param file the path of a YAML file (docs/studies.md)
   * @throws UserError for an unknown option, a file that cannot be read, and what it cannot mean
   */
  async plan(file: string, call: SweepFolder = {}): Promise<SweepPlan> {
    checkFile("sweep.plan", file);
    kind.checkCall<SweepFolder>("sweep.plan", call, PLAN);
    return forProgram(
      readSweepFile(file, call.out).then(async (read) => ({
        folder: read.folder,
        points: await plannedRows(read),
      })),
    );
  },
  /**
   * Train the runs of a sweep, each in a process of its own, and write their results. Aborting lets
   * what is under way save; the same call goes on. A run that failed does not end the others: its
   * row says so.
   * @param file the path of a YAML file (docs/studies.md)
   * @throws UserError for an unknown option, a file that cannot be read, what it cannot mean, and a
   * folder that cannot be written
   */
  async train(file: string, call: SweepCall = {}): Promise<SweepOutcome> {
    checkFile("sweep.train", file);
    kind.checkCall<SweepCall>("sweep.train", call, TRAIN);
    return working(call, async ({ out, ...options }, context) => {
      const read = await readSweepFile(file, out);
      return (await sweepWith(read, { ...options, command: thisProgram() }, context)).document;
    });
  },
  /**
   * Put the runs of a sweep into a queue, follow them until all are done or failed, and write their
   * results. Aborting ends the following; workers go on.
   * @param file the path of a YAML file (docs/studies.md)
   * @throws UserError for an unknown option, an address that is none, a client that is not
   * installed, a file that cannot be read, and what it cannot mean
   */
  async enqueue(file: string, call: SweepQueueCall): Promise<SweepOutcome> {
    const example = 'sweep.enqueue("sweep.yaml", { queue: "redis://localhost:6379" })';
    checkFile("sweep.enqueue", file);
    kind.checkCall<SweepQueueCall>("sweep.enqueue", call, ENQUEUE);
    kind.checkWord("sweep.enqueue", "queue", "the address of a queue", call.queue, example);
    return working(call, async ({ out, ...options }, context) => {
      checkQueueUrl(options.queue);
      const read = await readSweepFile(file, out);
      return (await sweepThroughQueue(read, options, context)).document;
    });
  },
} as const;

/** @throws UserError for what is no path */
function checkFile(name: string, file: unknown): asserts file is string {
  kind.checkWord(name, "the file", "the path of a sweep's YAML file", file, `${name}("sweep.yaml")`);
}
