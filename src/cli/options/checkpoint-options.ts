/** The options that say which checkpoint. */
import type { CheckpointWish } from "../../training/run/checkpoint/best.node.ts";
import type { CommandOptions } from "../command.ts";

/** `--step`, `--best` and `--no-best`. @throws UserError for a step that is none */
export const readCheckpoint = (options: CommandOptions): Pick<CheckpointWish, "step" | "best"> => ({
  step: options.number("step", { whole: true, min: 0 }),
  best: options.flag("best"),
});
