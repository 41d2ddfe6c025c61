/**
 * CelebA-HQ (Karras et al. 2018): 30,000 images in a folder or an archive, numbered. compare_gan
 * trains on the first nine tenths of its shards and measures on the last, so the last tenth by
 * number is the test part: 27,000 and 3,000 images.
 */
import { UserError } from "../../../base/errors.ts";
import { archive } from "../archives/archive.node.ts";
import { folder } from "../folder.node.ts";
import type { Listing, ListRequest, SourceDefinition } from "../source.ts";
import { lastPart } from "../split.ts";

const PUBLISHED = 30_000;
const DIVISION = { oneIn: 10, title: "The last tenth", after: "compare_gan's CelebA-HQ (27,000 and 3,000)" };

/** The source definition. */
export const celebaHq: SourceDefinition = {
  name: "celeba-hq",
  usage: "celeba-hq:PATH",
  description: "CelebA-HQ's 30,000 images in the folder or archive PATH",
  list,
};

async function list(request: ListRequest): Promise<Listing> {
  const { location, split } = request;
  if (location === "")
    throw new UserError(
      "celeba-hq needs a path.",
      "Write celeba-hq:PATH, the folder with the 30,000 images.",
    );
  const source = archive.recognizes?.(location) ? archive : folder;
  const all = await source.list({ ...request, split: "all" });
  try {
    // Numbered with or without leading zeros: 10.jpg comes after 9.jpg. A tar file is read in its own order all the same.
    const byNumber = new Intl.Collator("en", { numeric: true });
    const sorted = all.paths
      .map((_, index) => index)
      .sort((a, b) => byNumber.compare(all.paths[a]!, all.paths[b]!));
    const part = lastPart(sorted.length, split, DIVISION, all.source);
    const places = part.indices.map((index) => sorted[index]!).sort((a, b) => a - b);
    return {
      ...all,
      name: "CelebA-HQ",
      source: `celeba-hq:${all.source}`,
      paths: places.map((place) => all.paths[place]!),
      notes: [part.note],
      warnings: [
        ...all.warnings,
        ...(sorted.length === PUBLISHED
          ? []
          : [`${all.source} has ${sorted.length} images where CelebA-HQ has ${PUBLISHED}.`]),
      ],
      classNames: undefined,
      load: (index, square) => all.load(places[index]!, square),
    };
  } catch (error) {
    await all.close();
    throw error;
  }
}
