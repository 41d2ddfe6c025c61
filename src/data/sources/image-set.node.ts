/**
 * Image files with paths, wherever they are (a folder, an archive): which of them belong to the part that is asked for, and their
 * labels, from a table beside them or from their folders. Ends in a `Listing`.
 */
import { createHash } from "node:crypto";
import type { SkippedFile, Split } from "../store.ts";
import { classesFromMetadata, type Metadata } from "./metadata.node.ts";
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
  /** A table in the folder of `files`, if there is one. */
  readonly metadata: Metadata | undefined;
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
  const chosen = part.indices.map((index) => paths[index]!);
  const { classes, kept, skipped, notes } = classify(chosen, set);
  const places = kept.map((index) => part.indices[index]!);
  return {
    name: set.name,
    source: set.source,
    identity: [
      ...set.identity,
      ...places.map((place) => `${paths[place]}\0${set.files[place]!.fingerprint}`),
      ...(classes ? [digest(classes.labels)] : []),
    ],
    paths: places.map((place) => paths[place]!),
    skipped: [...set.skipped, ...skipped],
    notes: [part.note, ...notes, ...set.notes],
    warnings: [],
    classNames: classes?.names,
    load: (index, square) => set.load(places[index]!, square),
    label: (index) => classes!.labels[index]!,
    close: set.close,
  };
}

interface Classified {
  /** Labels are in the order of `kept`. */
  readonly classes: { readonly names: readonly string[]; readonly labels: readonly number[] } | undefined;
  /** Places in `paths` that stay. */
  readonly kept: readonly number[];
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
}

function classify(paths: readonly string[], { metadata, division }: ImageSet): Classified {
  const byFolder = (notes: readonly string[]): Classified => ({
    classes: classesOf(paths, division),
    kept: paths.map((_, index) => index),
    skipped: [],
    notes,
  });
  if (!metadata) return byFolder([]);
  if (!metadata.labels) return byFolder([`${metadata.name} has no column "label" and is not used.`]);
  const found = classesFromMetadata(paths, { name: metadata.name, labels: metadata.labels });
  const notes = [`Labels are from ${metadata.name}.`];
  if (found.unused > 0) notes.push(`${found.unused} rows of ${metadata.name} name no image of this part.`);
  return { classes: found, kept: found.indices, skipped: found.unnamed, notes };
}

function digest(labels: readonly number[]): string {
  return createHash("sha256").update(labels.join()).digest("hex");
}
