/** The images in the folder of a run that brought them along; see run-images.ts. Their classes stand in a file beside them. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../base/files.node.ts";
import { MOST_JSON_BYTES, readIfThere } from "../../base/regular.node.ts";
import { LABELS, readLabels } from "../run-images.ts";
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
  const path = join(request.location, LABELS);
  const bytes = await readIfThere(path, { most: MOST_JSON_BYTES, what: "a list of labels" });
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
