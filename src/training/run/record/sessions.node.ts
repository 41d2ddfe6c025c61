/** The sessions of a run in Node: `environment.json` of its folder. */
import { join } from "node:path";
import { writeFileWhole } from "../../../base/disk/files.node.ts";
import { readOwnJson } from "../folder/own-files.node.ts";
import { environmentSchema, type RunEnvironment, type TrainingSession } from "./environment.ts";

const FILE = "environment.json";

/**
 * The sessions on record, the first one first; none where there is no file.
 * @throws UserError when the file is damaged, no regular file, or a link that leads out of the run
 */
export async function readSessions(dir: string): Promise<readonly TrainingSession[]> {
  const hint = "Restore it, or delete it: it is only a record of what the run was computed with.";
  const file = await readOwnJson(dir, FILE, { schema: environmentSchema, hint });
  return file?.sessions ?? [];
}

/** The same for what only takes a note from it: none where the file cannot be read. */
export const knownSessions = (dir: string): Promise<readonly TrainingSession[]> =>
  readSessions(dir).catch(() => []);

/** Add a session to those on record. @throws UserError as `readSessions` */
export async function addSession(dir: string, session: TrainingSession): Promise<void> {
  const environment: RunEnvironment = { sessions: [...(await readSessions(dir)), session] };
  await writeFileWhole(join(dir, FILE), `${JSON.stringify(environment, null, 2)}\n`);
}

/**
 * Put on record how much memory the last session held at the most.
 * @throws UserError as `readSessions`
 */
export async function notePeakMemory(dir: string, peakMemoryBytes: number): Promise<void> {
  const sessions = await readSessions(dir);
  const last = sessions.at(-1);
  if (!last) return;
  const environment: RunEnvironment = { sessions: [...sessions.slice(0, -1), { ...last, peakMemoryBytes }] };
  await writeFileWhole(join(dir, FILE), `${JSON.stringify(environment, null, 2)}\n`);
}
