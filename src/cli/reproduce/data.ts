/** The labelled images of a reproduction, opened before anything is trained: runs side by side find them packed, and a mistake is said once. */

import { openParts, type Parts } from "../../app/open-parts.ts";
import type { Resources } from "../../app/resources.ts";
import { checkLabelled, checkLabels } from "../../studies/probe/probe.ts";
import type { Config } from "../../training/config/schema.ts";
import { narrate } from "../narrate.ts";
import type { Output } from "../output.ts";

/**
 * Open the training and the test part as a configuration sees them.
 * @throws UserError when one cannot be opened or they have no labels
 */
export async function openLabelled(
  config: Config,
  output: Output,
  signal: AbortSignal,
  keep: Resources["keep"],
): Promise<Parts> {
  const parts = await openParts(
    { ...config.data, minimumImages: 2, signal },
    { report: narrate(output) },
    keep,
    checkLabelled,
  );
  checkLabels(parts.train, parts.test);
  return parts;
}
