/**
 * What a checkpoint must agree with to be continued: the configuration, the images; and what is
 * only worth a word: who computed it.
 */
import type { Sha256 } from "../checkpoint/checkpoint-format.ts";
import type { CheckpointMeta, Provenance } from "../checkpoint/checkpoint-schema.ts";
import { essentials } from "./config-diff.ts";

/** What is being computed now. @param arithmetic `Engine.arithmetic` */
export const provenanceOf = (
  config: object,
  images: { readonly hash: string },
  arithmetic: string,
  sha256: Sha256,
): Provenance => ({ config: sha256(essentials(config)), data: images.hash, engine: arithmetic });

/** Why a checkpoint cannot be continued; empty when it can. */
export function provenanceDifferences({ provenance: then }: CheckpointMeta, now: Provenance): string[] {
  const differences: string[] = [];
  if (then.data !== now.data)
    differences.push(
      `the images themselves: content hash ${then.data.slice(0, 12)}… → ${now.data.slice(0, 12)}…`,
    );
  if (then.config !== now.config)
    differences.push("config.json does not match the newest checkpoint: it was changed by hand");
  return differences;
}

/**
 * What to tell the user who goes on with another engine or program.
 * @param version of this program
 */
export function makerNotes(
  { provenance, versions }: CheckpointMeta,
  now: Provenance,
  version: string | undefined,
): string[] {
  const program = (name = "unknown"): string => `quarterturn ${name}`;
  const makers = [
    [provenance.engine, now.engine],
    [program(versions.quarterturn), program(version)],
  ];
  return makers
    .filter(([before, after]) => before !== after)
    .map(
      ([before, after]) =>
        `The run was computed by "${before}" before and goes on with "${after}": it is no longer bit-equal to an undisturbed one.`,
    );
}
