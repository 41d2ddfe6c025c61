/** How far a run has got on the disk. */
import { listCheckpoints } from "../training/checkpoint.node.ts";
import { checkpointsIn } from "../training/run-folder.node.ts";

/** Steps a run has saved; -1 before the first checkpoint. */
export const savedStep = async (dir: string): Promise<number> =>
  (await listCheckpoints(checkpointsIn(dir)))[0] ?? -1;
