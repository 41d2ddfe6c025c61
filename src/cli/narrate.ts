/** Use cases on the command line: their events become lines on an output. */
import type { Context, Report } from "../app/context.ts";
import { createNarrator } from "../narration/narrator.ts";
import { colors } from "./colors.ts";
import { inFlags } from "./option-words.ts";
import type { Output } from "./output.ts";

/** A listener that prints what it hears. */
export const narrate = (output: Output): Report =>
  createNarrator(output, {
    label: colors.cyan,
    faint: colors.dim,
    stopping: "; Ctrl-C saves and stops",
    inWords: inFlags,
  });

/** Prints what a use case tells. @param signal ends it; nothing does unless given */
export const contextOf = (output: Output, signal = new AbortController().signal): Context => ({
  report: narrate(output),
  signal,
});
