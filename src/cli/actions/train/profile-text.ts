/** What a profile of a training step says. */
import type { ProgramProfile } from "../../../app/train/profile-step.ts";
import { formatProfile } from "../../../engine/sessions/profile.node.ts";

/** Nodes that are listed of each program. */
const NODES = 12;

/** The slowest operators of each program, and where its trace is. */
export const profileText = (profiles: readonly ProgramProfile[]): string =>
  profiles.map(({ file, summary }) => `${file}\n${formatProfile(summary, NODES)}`).join("\n\n");
