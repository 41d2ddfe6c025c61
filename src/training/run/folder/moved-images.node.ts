/**
 * Images that lie elsewhere than when a run was begun: another disk, another machine, a folder that
 * was renamed. They are the run's if their content hash is; the run then goes on and records where
 * they were.
 */

import { sha256 } from "../../../base/disk/files.node.ts";
import type { CheckpointMeta, Provenance } from "../checkpoint/checkpoint-schema.ts";
import { type ConfigChange, describeChange, essentials } from "../record/config-diff.ts";
import { provenanceDifferences } from "../record/provenance.ts";
import { knownSessions } from "../record/sessions.node.ts";

/** A run that may be continued with images from elsewhere. */
export interface MovedRun {
  readonly dir: string;
  /** How `data.source` differs from the run's, if it does. */
  readonly moved?: ConfigChange | undefined;
}

/**
 * Why a checkpoint cannot be continued with `config`; empty when it can. A configuration that
 * differs in where the images lay, now or in an earlier session, is the same one.
 */
export async function differencesUnlessMoved(
  { dir, moved }: MovedRun,
  config: { readonly data: object },
  meta: CheckpointMeta,
  now: Provenance,
): Promise<string[]> {
  const { provenance } = meta;
  let same = provenance.config === now.config;
  if (!same) {
    const sources = [...(moved ? [moved.before] : []), ...(await earlierSources(dir))];
    same = sources.some(
      (source) => provenance.config === sha256(essentials({ ...config, data: { ...config.data, source } })),
    );
  }
  const then = same ? { ...provenance, config: now.config } : provenance;
  const differences = provenanceDifferences({ ...meta, provenance: then }, now);
  return differences.length > 0 && moved ? [describeChange(moved), ...differences] : differences;
}

/** What to tell the user about images that have moved; nothing where they have not. */
export function movedNotes({ moved }: MovedRun): string[] {
  return moved
    ? [
        `The images have moved (${describeChange(moved)}). They are the same by their content hash, so the run goes on.`,
      ]
    : [];
}

/**
 * Where the images were before they moved, as the run's sessions say; nothing where that cannot be
 * read.
 */
async function earlierSources(dir: string): Promise<unknown[]> {
  return (await knownSessions(dir)).flatMap(({ movedFrom }) => (movedFrom === undefined ? [] : [movedFrom]));
}
