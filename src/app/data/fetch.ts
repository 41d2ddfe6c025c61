/** The use case `data fetch`: a published data set, downloaded, checked and unpacked. */
import { join, resolve } from "node:path";
import { fetchData, publicationOf } from "../../data/index.node.ts";
import type { Context } from "../context.ts";

/** What to fetch. */
export interface FetchOptions {
  /** Name of the data set, for example `cifar10`. */
  readonly name: string;
  /** The folder; below `data/` after the data set unless given. */
  readonly out?: string | undefined;
  /** Another address: of the folder in which the files lie under their published names. */
  readonly mirror?: string | undefined;
  /** Whether the archives are left beside the unpacked folder. */
  readonly keepArchives?: boolean | undefined;
}

/** What is there now. */
export interface FetchOutcome {
  /** Name of the data set. */
  readonly name: string;
  /** The folder to train on, absolute. */
  readonly folder: string;
  /** Its files, with paths below the folder. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Whether everything was there before. */
  readonly wasThere: boolean;
  /** What `train` takes for the data: `cifar10:` and the folder. */
  readonly source: string;
}

/** Where a data set is put. @throws UserError for an unknown data set */
export const placeOf = ({ name, out }: Pick<FetchOptions, "name" | "out">): string =>
  resolve(out ?? join("data", publicationOf(name).name));

/**
 * Fetch a published data set. What was downloaded by an earlier call that was ended is not
 * downloaded again.
 * @throws UserError for everything a user can put right; the signal's reason when it aborts
 */
export async function fetchDataSet(
  options: FetchOptions,
  { report, signal }: Context,
): Promise<FetchOutcome> {
  const publication = publicationOf(options.name);
  void report({ kind: "publication", publication });
  const fetched = await fetchData({
    publication,
    out: placeOf(options),
    mirror: options.mirror,
    keepArchives: options.keepArchives === true,
    signal,
    onProgress: (progress) => void report({ kind: "fetching", ...progress }),
    onRetry: (reason) => void report({ kind: "note", message: `${reason}: trying again` }),
  });
  return { name: publication.name, ...fetched, source: `${publication.source}:${fetched.folder}` };
}
