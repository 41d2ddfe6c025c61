/** The training and the test part of a data set, opened together. */
import { type ImageStore, type OpenDataOptions, openData, type Split } from "../../data/index.node.ts";
import type { Context } from "../context.ts";
import type { ImagesRole } from "../events.ts";
import { packingOf } from "./images.ts";
import type { Resources } from "./resources.ts";

/** The training part and the test part. */
export interface DataSplits {
  readonly train: ImageStore;
  readonly test: ImageStore;
}

/**
 * Open both parts, packing them the first time, and tell what was found.
 * @param check of the training part, before the test part is looked for: a set that is no good at
 * all is not refused for a missing part
 * @param role what they are for
 * @throws UserError when one cannot be opened; what `check` throws; the signal's reason when it
 * aborts
 */
export async function openSplits(
  data: Omit<OpenDataOptions, "split" | "onProgress">,
  { report }: Pick<Context, "report">,
  use: Resources["use"],
  check: (train: ImageStore) => void,
  role: ImagesRole = "labelled",
): Promise<DataSplits> {
  const open = async (split: Split): Promise<ImageStore> => {
    const store = use(await openData({ ...data, split, onProgress: packingOf(report, role) }));
    void report({ kind: "images", role, summary: store.summary });
    return store;
  };
  const train = await open("train");
  check(train);
  return { train, test: await open("test") };
}
