/** `worker`: the use case, until Ctrl-C. */
import { runWorker, type WorkerEnd, type WorkerOptions } from "../../../app/sweep/worker.ts";
import { UserError } from "../../../base/errors.ts";
import { EXIT, type Invocation } from "../../command.ts";
import { watchInterrupts } from "../../terminal/interrupt.ts";
import { contextOf } from "../../terminal/narrate.ts";
import { endDespiteConnections, queueUrl } from "./sweep-queue.ts";

/**
 * Train the runs of a queue.
 * @returns the exit code, always that of an interruption: a worker ends when it is told to
 */
export async function workerFrom({ options, output }: Invocation): Promise<number> {
  const asked = readWorkerOptions(options);
  const interrupts = watchInterrupts(output);
  try {
    const end = await runWorker(asked, contextOf(output, interrupts.signal));
    output.result(farewell(end), { stopped: true, ...end });
    return EXIT.interrupted;
  } finally {
    interrupts.dispose();
    endDespiteConnections();
  }
}

function readWorkerOptions(options: Invocation["options"]): WorkerOptions {
  const queue = queueUrl(options);
  if (queue === undefined)
    throw new UserError(
      "A worker needs the address of its queue.",
      "Give it with --queue redis://HOST:PORT, or in the environment as QUARTERTURN_QUEUE, where nobody sees its password.",
    );
  return {
    queue,
    queueName: options.text("queue-name"),
    out: options.text("out"),
    jobs: options.number("jobs", { whole: true, min: 1, max: 1024 }),
    lockSeconds: options.number("lock-seconds", { min: 1 }),
    command: [process.execPath, process.argv[1]!],
    environment: withoutQueue(process.env),
  };
}

/** Children have no business with the queue, and its password none in their environment. */
function withoutQueue({ QUARTERTURN_QUEUE: _, ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return rest;
}

function farewell({ saved, told }: WorkerEnd): string {
  if (saved === 0) return "Stopped; nothing was under way.";
  const what = saved === 1 ? "the run under way is" : `the ${saved} runs under way are`;
  return told
    ? `Stopped; ${what} saved and back in the queue.`
    : `Stopped; ${what} saved. The queue does not answer; once it does, it finds out by itself that this worker has left.`;
}
