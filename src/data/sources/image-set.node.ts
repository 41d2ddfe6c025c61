/**
 * Image files with paths, wherever they are (a folder, an archive): which of them belong to the part that is asked for, and their
 * labels, from a table beside them or from their folders. Ends in a `Listing`.
 */
import { sha256 } from "../../base/files.node.ts";
import type { SkippedFile, Split } from "../store.ts";
import { classesFromMetadata, type SetMetadata } from "./metadata.node.ts";
import type { Listing } from "./source.ts";
import { choosePart, classesOf, type Division } from "./tree.ts";

/** What was found. */
export interface ImageSet {
  readonly name: string;
  readonly source: string;
  /** Identifies the place; see `Listing.identity`. */
  readonly identity: readonly string[];
  /** The images, in their folder for the part; paths with `/`. */
  readonly files: readonly { readonly path: string; readonly fingerprint: string }[];
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
  readonly division: Division | undefined;
  /** The tables beside `files`, if there are any. */
  readonly metadata: SetMetadata | undefined;
  /** Class folders of the part that is not asked for. */
  readonly classesElsewhere: Iterable<string>;
  /** Loads one of `files` by its place there. */
  readonly load: Listing["load"];
  readonly close: () => Promise<void>;
}

/**
 * The listing of the images of `split`.
 * @throws UserError if there is no such part, or the table is wrong
 */
export function listImageSet(set: ImageSet, split: Split): Listing {
  const paths = set.files.map(({ path }) => path);
  const part = choosePart(paths, set.division, split, set.source);
  // Of the whole set, so that the classes have the same numbers in both parts.
  const { classes, unnamed, notes } = classify(paths, set);
  const places = part.indices.filter((place) => !unnamed.has(place));
  const labels = classes && places.map((place) => classes.labelOf(place));
  return {
    name: set.name,
    source: set.source,
    identity: [
      ...set.identity,
      ...places.map((place) => `${paths[place]}\0${set.files[place]!.fingerprint}`),
      ...(labels ? [digest(labels)] : []),
    ],
    paths: places.map((place) => paths[place]!),
    skipped: [
      ...set.skipped,
      ...part.indices.flatMap((place) => {
        const reason = unnamed.get(place);
        return reason === undefined ? [] : [{ path: paths[place]!, reason }];
      }),
    ],
    notes: [part.note, ...notes, ...set.notes],
    warnings: [],
    classNames: classes?.names,
    load: (index, square) => set.load(places[index]!, square),
    label: (index) => labels![index]!,
    close: set.close,
  };
}

interface Classified {
  readonly classes:
    | { readonly names: readonly string[]; readonly labelOf: (place: number) => number }
    | undefined;
  /** Places in `paths` without a label though the others have one, and why. */
  readonly unnamed: ReadonlyMap<number, string>;
  readonly notes: readonly string[];
}

function classify(paths: readonly string[], { metadata, division, classesElsewhere }: ImageSet): Classified {
  if (!metadata?.labels) {
    const found = classesOf(paths, division, classesElsewhere);
    return {
      classes: found && { names: found.names, labelOf: (place) => found.labels[place]! },
      unnamed: new Map(),
      notes: metadata ? [`${metadata.name} has no column "label" and is not used.`] : [],
    };
  }
  const { names, labels, unused } = classesFromMetadata(paths, metadata.labels, metadata);
  const notes = [`Labels are from ${metadata.name}.`];
  if (unused > 0) notes.push(`${unused} rows of ${metadata.name} name no image of this part.`);
  const reason = `not in ${metadata.name}, so it has no label`;
  return {
    classes: { names, labelOf: (place) => labels[place]! },
    unnamed: new Map(
      labels.flatMap((label, place) => (label === undefined ? [[place, reason] as const] : [])),
    ),
    notes,
  };
}

function digest(labels: readonly number[]): string {
  return sha256(labels.join());
}
