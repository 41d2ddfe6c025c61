/**
 * What a use case tells, for callers: nothing is printed; lines and warnings go to who wants them.
 */
import type { Context } from "../../app/context.ts";
import { withoutSecrets } from "../../base/text/secrets.ts";
import { createNarrator } from "../../narration/narrator.ts";
import type { TrainEvent } from "../../training/events.ts";
import { inProgramWords } from "./program-words.ts";

/** Who is told how it goes. */
export interface Listeners {
  /** A line of progress. */
  readonly onLine?: ((text: string) => void) | undefined;
  /** Something to know or do. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * The context of a call. Results are what the calls return.
 * @param onEvent told of the events of a training; awaited
 */
export function contextOf(
  { onLine, onWarning }: Listeners,
  signal = new AbortController().signal,
  onEvent?: ((event: TrainEvent) => void | Promise<void>) | undefined,
): Context {
  const told = (text: string): string => inProgramWords(withoutSecrets(text));
  const narrate = createNarrator({
    ...{ interactive: false, columns: 99 },
    line: (text) => onLine?.(told(text)),
    warning: (text) => onWarning?.(told(text)),
    status: () => undefined,
  });
  return {
    signal,
    report(event) {
      narrate(event);
      return event.kind === "training" ? onEvent?.(inWordsOfPrograms(event.event)) : undefined;
    },
  };
}

/**
 * An event with its texts in the terms of a program: the record of a run has them in those of the
 * command line.
 */
function inWordsOfPrograms(event: TrainEvent): TrainEvent {
  if (event.kind !== "warning" && event.kind !== "ended") return event;
  return { ...event, message: inProgramWords(event.message), advice: inProgramWords(event.advice) };
}
