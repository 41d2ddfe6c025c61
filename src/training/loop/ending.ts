/**
 * How a run ends, and what state it is in. Every end that the program lives to see is a line of the
 * record, `kind: "ended"`, its last one; a run that was killed has none, which is found at the next
 * look. When a run goes on, the line is cut off with what is done again.
 */

import { UserError } from "../../base/errors.ts";
import { asFlag } from "../../base/option-flags.ts";
import { formatCount } from "../../base/text/format/index.ts";
import type { EndedEvent, EndHow, StopReason } from "../events.ts";

/** How training ended. */
export interface TrainResult {
  readonly reason: Exclude<StopReason, "diverged">;
  readonly step: number;
}

/**
 * Raised when the generator has collapsed and the run is to be rescued (rescue.ts); nothing of it
 * was saved.
 */
export class Collapsed extends Error {
  readonly step: number;

  /** @param step generator steps done when it was seen */
  constructor(step: number) {
    super(`the generator has collapsed at step ${step}`);
    this.step = step;
  }
}

/** Raised when a number of the training is NaN or infinite. */
export class Diverged extends UserError {
  override readonly details: { readonly how: "diverged"; readonly step: number };

  /** @param step generator steps done when it was found */
  constructor(step: number, message: string, advice: string) {
    super(message, advice);
    this.details = { how: "diverged", step };
  }
}

/**
 * What a run is doing. `running` and `paused`: a process trains there now. `finished`: it has all
 * its steps. `stopped`: it was saved and can be continued. `failed`: it diverged or crashed.
 * `interrupted`: its process is gone without a word, so it was killed.
 */
export type RunState = "running" | "paused" | "finished" | "stopped" | "failed" | "interrupted";

/** Where a run stands, and why. */
export interface RunProgress {
  readonly state: RunState;
  /** How it ended, where it has. Missing for runs of versions that did not put it on record. */
  readonly how?: EndHow | "killed";
  /** Generator steps on record; of a run that diverged, the step at which it did. */
  readonly step: number;
  /** Steps it is to have in all. */
  readonly steps: number;
  /** What happened, in a sentence or two; missing while it trains. */
  readonly message?: string;
  /** What to do about it; missing where there is nothing to be done. */
  readonly advice?: string;
}

/** What is seen of a run from outside. */
export interface RunSigns {
  /** Whether a process holds its folder. */
  readonly alive: boolean;
  readonly paused: boolean;
  /** The end on record, if it is the last line. */
  readonly ended: EndedEvent | undefined;
  /** The last step on record. */
  readonly step: number;
  readonly steps: number;
  /** The step of the newest checkpoint; 0 without one. */
  readonly saved: number;
  /** Whether its last session would have put its end on record, had it lived. */
  readonly recordsEnd: boolean;
}

/** The state of a run. */
export function progressOf({ alive, paused, ended, step, steps, saved, recordsEnd }: RunSigns): RunProgress {
  if (alive) return { state: paused ? "paused" : "running", step, steps };
  if (ended) return { ...stateAfter(ended, steps), ...told(ended), step: Math.max(step, ended.step), steps };
  if (step >= steps && (saved >= steps || !recordsEnd)) return { state: "finished", step, steps };
  if (!recordsEnd) return { state: "stopped", step, steps };
  const from = saved > 0 ? `goes on from the checkpoint of step ${formatCount(saved)}` : "begins it again";
  return {
    state: "interrupted",
    how: "killed",
    step,
    steps,
    message: `The process that trained was killed, or its machine went down, after step ${formatCount(step)}.`,
    advice: `The same command ${from}.`,
  };
}

function stateAfter({ how, step }: EndedEvent, steps: number): { state: RunState; how: EndHow } {
  if (how === "diverged" || how === "crashed") return { state: "failed", how };
  // More steps may have been asked for since it finished.
  return { state: how === "finished" && step >= steps ? "finished" : "stopped", how };
}

const told = ({ message, advice }: EndedEvent): { message?: string; advice?: string } => ({
  ...(message && { message }),
  ...(advice && { advice }),
});

/** A state as a person reads it, with what led to it: `failed at step 7`, `finished`. */
export function progressInWords({ state, step }: RunProgress): string {
  if (state === "failed" || state === "interrupted") return `${state} at step ${formatCount(step)}`;
  return state === "running" ? "training" : state;
}

/** What records an end. */
export interface EndRecording {
  /** Puts the line on record. */
  append(line: EndedEvent): Promise<void>;
  /** Steps done so far. */
  step(): number;
  /** Told when the end itself could not be recorded, as on a full disk. */
  onTrouble(message: string): void | Promise<void>;
}

/**
 * Train, and put on record how it ended.
 * @returns what `work` returns
 * @throws what `work` throws
 */
export async function recordingEnd(
  work: () => Promise<TrainResult>,
  { append, step, onTrouble }: EndRecording,
): Promise<TrainResult> {
  const record = async (line: Omit<EndedEvent, "kind" | "time">): Promise<void> => {
    try {
      await append({ kind: "ended", ...line, time: Date.now() });
    } catch (error) {
      // What was trained is saved, or there is another error to tell of: neither is lost for this.
      await onTrouble(`How the run ended could not be put on record: ${textOf(error)}`);
    }
  };
  let result: TrainResult;
  try {
    result = await work();
  } catch (error) {
    // It goes on at once, from before: that is no end.
    if (error instanceof Collapsed) throw error;
    await record({ ...failureOf(error), step: step() });
    throw error;
  }
  const steps = formatCount(result.step);
  await record(
    result.reason === "finished"
      ? { how: "finished", step: result.step, message: `All ${steps} steps are done.`, advice: "" }
      : {
          ...{ how: "stopped", step: result.step },
          message: `It was stopped after step ${steps}, and saved.`,
          advice: "It can be continued from there: the same command does.",
        },
  );
  return result;
}

function failureOf(error: unknown): Pick<EndedEvent, "how" | "message" | "advice"> {
  const again = "The same command goes on from the last checkpoint.";
  const { message, hint = again } =
    error instanceof UserError ? error.written(asFlag) : { message: textOf(error) };
  return { how: error instanceof Diverged ? "diverged" : "crashed", message, advice: hint };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
