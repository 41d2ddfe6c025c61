/** The options that say what computes. */
import type { EngineChoice } from "../../app/support/engine-choice.ts";
import type { CommandOptions } from "../command.ts";

/** `--device` and `--threads`. @throws UserError for a number of threads that is none */
export const readEngine = (options: CommandOptions): EngineChoice => ({
  device: options.text("device"),
  threads: options.number("threads", { whole: true, min: 0 }),
});
