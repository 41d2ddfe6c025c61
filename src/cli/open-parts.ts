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
 * @param check of the training part, before the test part is looked for: a set that is no good at all is not refused for a missing part
 * @param prefix of what is said
 * @throws UserError when one cannot be opened; what `check` throws; the signal's reason when it aborts
 */
export async function openParts(
  data: Omit<OpenDataOptions, "split" | "onProgress">,
  output: Output,
  keep: Resources["keep"],
  check: (train: ImageStore) => void,
  prefix = "",
): Promise<Parts> {
  const open = async (split: Split): Promise<ImageStore> => {
    const store = await openData({ ...data, split, onProgress: packReport(output) });
    output.line(`${prefix}${dataSentence(keep(store))}`);
    return store;
  };
  const train = await open("train");
  check(train);
  return { train, test: await open("test") };
}
