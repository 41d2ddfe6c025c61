/** Which checkpoint a command works with, by its options, and the words on it. */
import { type CheckpointWish, chooseCheckpoint } from "../training/best.node.ts";
import type { CommandOptions } from "./command.ts";
import type { Output } from "./output.ts";

/**
 * The step that `--step`, `--best` and `--no-best` ask for; the choice is told as a line.
 * @returns undefined for the newest whole checkpoint
 * @throws UserError when they contradict each other, or there is no best checkpoint
 */
export async function chosenStep(
  run: string,
  options: CommandOptions,
  output: Output,
  wish: Omit<CheckpointWish, "best"> = {},
): Promise<number | undefined> {
  const step = wish.step ?? options.number("step", { whole: true, min: 0 });
  const choice = await chooseCheckpoint(run, { ...wish, step, best: options.flag("best") });
  if (choice.why !== undefined) output.line(`takes ${choice.why}`);
  return choice.step;
}
