/** The labelled images of a reproduction, opened before anything is trained: runs side by side find them packed, and a mistake is said once. */
import { type ImageStore, openData, type Split } from "../../data/index.node.ts";
import { checkLabels } from "../../studies/probe/probe.ts";
import type { Config } from "../../training/config/schema.ts";
import type { Output } from "../output.ts";
import { dataSentence, packReport } from "../prepare.ts";
import type { Resources } from "../resources.ts";

/** Both parts. */
export interface LabelledParts {
  readonly train: ImageStore;
  readonly test: ImageStore;
}

/**
 * Open the training and the test part as a configuration sees them.
 * @throws UserError when one cannot be opened or they have no labels
 */
export async function openLabelled(
  config: Config,
  output: Output,
  signal: AbortSignal,
  keep: Resources["keep"],
): Promise<LabelledParts> {
  const open = async (split: Split): Promise<ImageStore> => {
    const store = await openData({
      ...config.data,
      split,
      minimumImages: 2,
      signal,
      onProgress: packReport(output),
    });
    output.line(dataSentence(keep(store)));
    return store;
  };
  const parts = { train: await open("train"), test: await open("test") };
  checkLabels(parts.train, parts.test);
  return parts;
}
