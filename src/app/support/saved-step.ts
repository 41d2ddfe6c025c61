/** How far a run has got on the disk. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { listCheckpoints } from "../../training/run/checkpoint/checkpoint.node.ts";
import { checkpointsIn } from "../../training/run/folder/run-folder.node.ts";

/** Steps a run has saved; -1 before the first checkpoint. */
export const savedStep = async (dir: string): Promise<number> =>
  (await listCheckpoints(checkpointsIn(dir)))[0] ?? -1;

/**
 * Whether a run has all its `steps` and whoever trained it has left its folder. A process that was
 * killed while it exported what it had trained leaves its lock: there is something to be done
 * still.
 */
export async function isComplete(dir: string, steps: number): Promise<boolean> {
  if ((await savedStep(dir)) < steps) return false;
  return stat(join(dir, "lock.json")).then(
    () => false,
    () => true,
  );
}
