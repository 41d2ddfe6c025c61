/** The training and the test part of a data set, opened together. */
import { type ImageStore, type OpenDataOptions, openData, type Split } from "../data/index.node.ts";
import type { Output } from "./output.ts";
import { dataSentence, packReport } from "./prepare.ts";
import type { Resources } from "./resources.ts";

/** Both parts. */
export interface Parts {
  readonly train: ImageStore;
  readonly test: ImageStore;
}

/**
 * Open both parts, packing them the first time, and say what was found.
 * @param prefix of what is said
 * @throws UserError when one cannot be opened; the signal's reason when it aborts
 */
export async function openParts(
  data: Omit<OpenDataOptions, "split" | "onProgress">,
  output: Output,
  keep: Resources["keep"],
  prefix = "",
): Promise<Parts> {
  const open = async (split: Split): Promise<ImageStore> => {
    const store = await openData({ ...data, split, onProgress: packReport(output) });
    output.line(`${prefix}${dataSentence(keep(store))}`);
    return store;
  };
  return { train: await open("train"), test: await open("test") };
}
