/**
 * The labeled images of a reproduction, opened before anything is trained: runs side by side find
 * them packed, and a mistake is said once.
 */
import { checkLabeled, checkLabels } from "../../studies/probe/probe.ts";
import type { Config } from "../../training/config/schema.ts";
import type { Context } from "../context.ts";
import { type DataSplits, openSplits } from "../support/open-splits.ts";
import type { Resources } from "../support/resources.ts";

/**
 * Open the training and the test part as a configuration sees them.
 * @throws UserError when one cannot be opened or they have no labels
 */
export async function openLabeled(
  config: Config,
  { report, signal }: Context,
  use: Resources["use"],
): Promise<DataSplits> {
  const data = { ...config.data, minimumImages: 2, signal };
  const parts = await openSplits(data, { report }, use, checkLabeled);
  checkLabels(parts.train, parts.test);
  return parts;
}
