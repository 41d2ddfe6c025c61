/** The state of a run, from its folder: record, lock, checkpoints, sessions. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readEnd } from "../../evaluation/metrics.node.ts";
import type { EndedEvent } from "../../events.ts";
import { readControlState } from "../../loop/control/control.node.ts";
import { progressOf, type RunProgress } from "../../loop/ending.ts";
import { listCheckpoints } from "../checkpoint/checkpoint.node.ts";
import { knownSessions } from "../record/sessions.node.ts";
import { lockedBy } from "./lock.node.ts";
import { checkpointsIn } from "./run-folder.node.ts";

/** What a reader of the record knows already. */
export interface KnownEnd {
  /** The last step on record; 0 before the first. */
  readonly step: number;
  /** The end on record, if it is the last line. */
  readonly ended: EndedEvent | undefined;
}

/**
 * Where the run in `dir` stands.
 * @param steps it is to have in all
 * @param known from its record; the end of the record is read unless given
 */
export async function readRunProgress(dir: string, steps: number, known?: KnownEnd): Promise<RunProgress> {
  const alive = (await lockedBy(dir)) !== undefined;
  const { step, ended } = known ?? (await readEnd(join(dir, "metrics.jsonl")));
  const signs = { alive, ended, step, steps, paused: false, saved: 0, recordsEnd: false };
  if (alive) return progressOf({ ...signs, paused: (await readControlState(dir))?.paused === true });
  if (ended) return progressOf(signs);
  const [saved = 0] = await listCheckpoints(checkpointsIn(dir));
  return progressOf({ ...signs, saved, recordsEnd: (await leftLocked(dir)) || (await recordsEnd(dir)) });
}

/** A lock that nobody holds was left by a process that was killed, whatever its version. */
const leftLocked = (dir: string): Promise<boolean> =>
  stat(join(dir, "lock.json")).then(
    () => true,
    () => false,
  );

/** Whether the last session of the run was of a version that puts its end on record. */
const recordsEnd = async (dir: string): Promise<boolean> =>
  (await knownSessions(dir)).at(-1)?.recordsEnd === true;
