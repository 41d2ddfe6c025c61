/** Which options of `sweep` go together: one that would be ignored is refused. */
import { UserError } from "../../base/errors.ts";
import type { CommandOptions } from "../command.ts";

/**
 * Ways of sweeping other than training here, each with the options that have no meaning in it and
 * what to do instead.
 */
const IGNORED: readonly {
  readonly mode: string;
  readonly when: (options: CommandOptions) => boolean;
  readonly options: Readonly<Record<string, string>>;
}[] = [
  {
    mode: "--plan",
    when: (options) => options.flag("plan") === true,
    options: Object.fromEntries(
      ["emit", "image", "queue", "queue-name", "jobs", "retries", "only"].map((name) => [
        name,
        "--plan only shows the runs, all of them: leave one of the two out.",
      ]),
    ),
  },
  {
    mode: "--emit",
    when: (options) => options.text("emit") !== undefined,
    options: {
      queue: "A scheduler hands out the runs, or a queue does: leave one of the two out.",
      "queue-name": "A scheduler hands out the runs, or a queue does: leave one of the two out.",
      retries: "Leave it out: a task tries three times again, and the scheduler has retries of its own.",
      only: "Leave it out: each task is told its number by the scheduler.",
    },
  },
  {
    mode: "--emit slurm",
    when: (options) => options.text("emit") === "slurm",
    options: { image: "It names the container of --emit kubernetes." },
  },
  {
    mode: "a queue",
    when: (options) => givesQueue(options) && options.text("emit") === undefined,
    options: { jobs: "Workers train the runs: give it to each of them, as in quarterturn worker --jobs 2." },
  },
];

/** Whether runs go into a queue: `--queue`, or the environment. */
const givesQueue = (options: CommandOptions): boolean =>
  // biome-ignore lint/complexity/useLiteralKeys: an index signature
  Boolean(options.text("queue") ?? process.env["QUARTERTURN_QUEUE"]);

/**
 * Refuse options of `sweep` that mean nothing beside others.
 * @throws UserError for an option that would be ignored
 */
export function checkSweepOptions(options: CommandOptions): void {
  for (const { mode, when, options: ignored } of IGNORED)
    if (when(options))
      for (const [name, remedy] of Object.entries(ignored))
        if (options.text(name) !== undefined) throw new UserError(`--${name} is given with ${mode}.`, remedy);
  if (options.text("image") !== undefined && options.text("emit") === undefined)
    throw new UserError(
      "--image is given without --emit kubernetes.",
      "It names the container in what that writes.",
    );
  if (options.text("queue-name") !== undefined && !givesQueue(options))
    throw new UserError("--queue-name is given without --queue.", "Give the queue's address too.");
}
