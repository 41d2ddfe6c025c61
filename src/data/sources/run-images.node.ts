/**
 * The images in the folder of a run that brought them along; see run-images.ts. Their classes stand
 * in a file beside them.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../base/disk/files.node.ts";
import { readPlain } from "../plain-file.node.ts";
import { LABELS, readLabels } from "../run-images.ts";
import { MAXIMUM_ENTRY } from "./archives/archive-limits.ts";
import { folder } from "./folder.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "./source.ts";

/** The source definition. */
export const runImages: SourceDefinition = {
  name: "run",
  usage: "run:PATH",
  description: "the images that a run from the playground keeps in its own folder",
  list,
};

async function list(request: ListRequest): Promise<Listing> {
  const listing = await folder.list(request);
  const bytes = await readPlain(join(request.location, LABELS), MAXIMUM_ENTRY).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (!bytes) return listing;
  const all = (await readdir(request.location)).filter((name) => name.endsWith(".png")).sort();
  const places = new Map(all.map((name, place) => [name, place]));
  const { labels, classNames } = readLabels(bytes, all.length);
  return {
    ...listing,
    identity: [...listing.identity, sha256(bytes)],
    classNames,
    label: (index) => labels[places.get(listing.paths[index]!)!]!,
  };
}
