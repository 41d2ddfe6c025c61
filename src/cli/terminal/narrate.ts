/** Use cases on the command line: their events become lines on an output. */
import type { Context, Report } from "../../app/context.ts";
import { createNarrator } from "../../narration/narrator.ts";
import { inFlags } from "../options/option-words.ts";
import { colors } from "./colors.ts";
import type { Output } from "./output.ts";
import { openRunBoard, type RunBoard } from "./run-board.ts";

/** A listener that prints what it hears. */
export const narrate = (output: Output): Report =>
  createNarrator(output, {
    label: colors.cyan,
    faint: colors.dim,
    stopping: "; Ctrl-C saves and stops",
    serving: "; Ctrl-C ends it",
    working: "; Ctrl-C saves and gives them back",
    good: colors.green,
    bad: colors.red,
    inWords: inFlags,
    waiting: " Ctrl-C ends the waiting, not the runs.",
  });

/**
 * The same for many runs: where lines can be redrawn, a table of them stands at the bottom until it
 * is closed.
 */
export function narrateRuns(output: Output): { readonly report: Report; close(): void } {
  const narrator = narrate(output);
  let board: RunBoard | undefined;
  return {
    report(event) {
      if (event.kind === "points") board = openRunBoard(event.points, output);
      if (event.kind === "point") board?.set(event.point.id, event.state.kind);
      // Before anything else is said.
      if (event.kind === "points-end") board?.close();
      // The live table shows the rest.
      const quiet = output.interactive && event.kind === "point";
      if (quiet && event.state.kind !== "failed" && event.state.kind !== "retrying") return;
      return narrator(event);
    },
    close: () => board?.close(),
  };
}

/** Prints what a use case tells. @param signal ends it; nothing does unless given */
export const contextOf = (output: Output, signal = new AbortController().signal): Context => ({
  report: narrate(output),
  signal,
});
