/** `data` as functions: images before anything is trained on them. */

import { type FetchOptions, type FetchOutcome, fetchDataSet } from "../app/data/fetch.ts";
import type { SizedImagesOptions } from "../app/data/images-options.ts";
import { type InspectOptions, inspectImages } from "../app/data/inspect.ts";
import { type PrepareOutcome, prepareImages } from "../app/data/prepare.ts";
import type { Inspection } from "../data/index.node.ts";
import { ENGINE, IMAGES, INTERRUPTIBLE, type Interruptible, working } from "./support/call.ts";
import * as kind from "./support/check.ts";

/** Which images, and how they are looked at. */
export interface InspectCall extends InspectOptions, Interruptible {}

/** Which images, and how they are packed. */
export interface PrepareCall extends SizedImagesOptions, Interruptible {}

/** Where a data set comes from, and where it is put. */
export interface FetchCall extends Omit<FetchOptions, "name">, Interruptible {}

const PREPARE: kind.Kinds<PrepareCall> = {
  ...IMAGES,
  resolution: kind.whole(8, 4096),
  ...INTERRUPTIBLE,
};

const INSPECT: kind.Kinds<InspectCall> = { ...PREPARE, ...ENGINE, run: kind.text };

const FETCH: kind.Kinds<FetchCall> = {
  out: kind.text,
  mirror: kind.text,
  keepArchives: kind.truth,
  ...INTERRUPTIBLE,
};

/**
 * Images before anything is trained on them, as `quarterturn data` has it.
 * @example What a folder holds, and its images decoded once
 * ```ts
 * import { data } from "quarterturn";
 *
 * const { found, used, warnings } = await data.inspect({ data: "pictures", split: "all" });
 * const { file, bytes } = await data.prepare({ data: "pictures", resolution: 16, split: "all" });
 * console.log(`${used} of ${found} images, ${warnings.length} warnings,`, bytes, "bytes in", file);
 * ```
 */
export const data = {
  /**
   * Look at every image: counts, sizes, classes, copies, files that cannot be used.
   * @throws UserError for an unknown option, and images that cannot be read; the signal's reason
   * when it aborts
   */
  async inspect(call: InspectCall = {}): Promise<Inspection> {
    kind.checkCall<InspectCall>("data.inspect", call, INSPECT);
    return working(call, inspectImages);
  },
  /**
   * Decode images, bring them to one size and keep them in the cache; a training begins at once
   * then.
   * @throws UserError for an unknown option, and images that cannot be read; the signal's reason
   * when it aborts
   */
  async prepare(call: PrepareCall = {}): Promise<PrepareOutcome> {
    kind.checkCall<PrepareCall>("data.prepare", call, PREPARE);
    return working(call, prepareImages);
  },
  /**
   * Download a published data set, check it and unpack it.
   * @param name for example `cifar10`
   * @throws UserError for an unknown option or data set, and files that are not the published ones;
   * the signal's reason when it aborts
   */
  async fetch(name: string, call: FetchCall = {}): Promise<FetchOutcome> {
    kind.checkWord("data.fetch", "name", "the name of a data set", name, 'data.fetch("cifar10")');
    kind.checkCall<FetchCall>("data.fetch", call, FETCH);
    return working(call, (options, context) => fetchDataSet({ ...options, name }, context));
  },
} as const;
