/** `studio` as a function. */
import { type StudioOptions, type StudioOutcome, serveStudio } from "../app/studio.ts";
import { startHint } from "../app/support/start-hint.ts";
import { INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";
import { thisProgram } from "./support/this-program.ts";

/** What to serve, and where. Aborting ends the page as `close` does. */
export interface StudioCall extends Omit<StudioOptions, "command" | "hint">, Interruptible {}

/** A page that is served. */
export interface ServedStudio extends StudioOutcome {
  /** End it. Done when trainings that were started from the page have saved. */
  close(): Promise<void>;
}

const KINDS: kind.Kinds<StudioCall> = {
  runs: kind.text,
  host: kind.text,
  port: kind.whole(0, 65_535),
  allowHost: kind.texts,
  embed: kind.truth,
  images: kind.text,
  ...INTERRUPTIBLE,
};

/**
 * Serve a live page over a folder of runs, as `quarterturn studio` does.
 * @returns when it can be looked at; it is there until it is closed
 * @throws UserError for an unknown option, a folder that is not there, and a port that is taken
 * @example The address of a page over some runs
 * ```ts
 * import { studio } from "quarterturn";
 *
 * const page = await studio({ runs: "runs", port: 0 });
 * const { status } = await fetch(page.url);
 * console.log(status, page.url);
 * await page.close();
 * ```
 */
export async function studio(call: StudioCall = {}): Promise<ServedStudio> {
  kind.checkCall<StudioCall>("studio", call, KINDS);
  const stop = new AbortController();
  const signal = call.signal ? AbortSignal.any([call.signal, stop.signal]) : stop.signal;
  return new Promise((resolve, reject) => {
    const ended = working({ ...call, signal }, (options, context) =>
      serveStudio(
        {
          ...options,
          command: thisProgram(),
          hint: (root, isOpen) => startHint("npx quarterturn", root, isOpen),
        },
        {
          signal,
          report(event) {
            if (event.kind === "serving") resolve({ url: event.url, runs: event.runs, close });
            return context.report(event);
          },
        },
      ),
    );
    const close = async (): Promise<void> => {
      stop.abort();
      await ended;
    };
    ended.catch(reject);
  });
}
