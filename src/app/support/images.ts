/** Images, opened for a use case. */

import { setting } from "../../base/option-names.ts";
import { type ImageStore, openData, type PackProgress } from "../../data/index.node.ts";
import { withFewLabels } from "../../data/store/hidden-labels.ts";
import type { Config } from "../../training/config/schema.ts";
import type { Context, Report } from "../context.ts";
import type { PackingEvent } from "../events.ts";

/** A listener for `openData` and `inspectData`. @param role what the images are for */
export const packingOf =
  (report: Report, role: PackingEvent["role"]) =>
  (progress: PackProgress): void =>
    void report({ kind: "packing", role, ...progress });

/**
 * Open the images that a configuration trains on, packing them the first time.
 * @throws UserError when there are none, too few, or the source is not what it should be; the
 * signal's reason when it aborts
 */
export async function openImages(
  config: Config,
  { report, signal }: Pick<Context, "report"> & Partial<Context>,
): Promise<ImageStore> {
  const opened = await openData({ ...config.data, signal, onProgress: packingOf(report, "training") });
  const store = withFewLabels(opened, config.data.labelShare);
  void report({ kind: "images", role: "training", summary: store.summary });
  for (const message of store.summary.warnings) void report({ kind: "warning", message });
  if (config.data.split === "all" && !config.data.source?.startsWith("run:"))
    void report({
      kind: "warning",
      message: `All images are trained on, the test part among them: measurements on it say nothing of images that were never seen. ${setting("data.split", "train")} keeps a tenth apart, or the part that the data set has for it.`,
    });
  return store;
}
