/** Which checkpoint a use case works with. */
import { type CheckpointWish, chooseCheckpoint } from "../../training/run/checkpoint/best.node.ts";
import type { Context } from "../context.ts";

/**
 * The step of the checkpoint that is asked for; why it is that one is told.
 * @returns undefined for the newest whole checkpoint
 * @throws UserError when step and best contradict each other, or there is no best checkpoint
 */
export async function chosenStep(
  run: string,
  wish: CheckpointWish,
  { report }: Pick<Context, "report">,
): Promise<number | undefined> {
  const { step, why } = await chooseCheckpoint(run, wish);
  if (why !== undefined) void report({ kind: "choice", of: "checkpoint", why });
  return step;
}
