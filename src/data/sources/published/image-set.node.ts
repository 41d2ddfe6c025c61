/**
 * Image files with paths, wherever they are (a folder, an archive): which of them belong to the
 * part that is asked for, and their labels, from tables among them or from their folders. Ends in a
 * `Listing`.
 */
import { sha256 } from "../../../base/disk/files.node.ts";
import { formatCountOf } from "../../../base/text/format/index.ts";
import { printable } from "../../../base/text/printable.ts";
import { NO_LABEL, type Split, type Unlabeled } from "../../store/store.ts";
import { classesFromMetadata, type FoundTable, joinTables, type MetadataResult } from "../labels/metadata.ts";
import { labeledNote } from "../labels/no-label.ts";
import { TableProblem } from "../labels/table-text.ts";
import { readPartName } from "../part-names.ts";
import type { Listing } from "../source.ts";
import type { Survey } from "../survey.node.ts";
import { choosePart, classesOf, classFolder } from "../tree.ts";

/** An image that was found. */
export interface SetFile {
  /** In its folder for the part; with `/`. */
  readonly path: string;
  readonly fingerprint: string;
}

/** What was found. */
export interface ImageSet {
  readonly name: string;
  readonly source: string;
  /** Identifies the place; see `Listing.identity`. */
  readonly identity: readonly string[];
  readonly survey: Survey<SetFile>;
  readonly tables: readonly FoundTable[];
  readonly notes: readonly string[];
  /** Loads one of the files of the survey by its place there. */
  readonly load: Listing["load"];
  readonly close: () => Promise<void>;
}

/**
 * The listing of the images of `split`.
 * @param unlabeled what becomes of images without a label where others have one
 * @throws UserError if there is no such part
 */
export function listImageSet(set: ImageSet, split: Split, unlabeled: Unlabeled = "exclude"): Listing {
  const { own, division, wrapper, base } = set.survey;
  const paths = own.files.map(({ path }) => path);
  const part = choosePart(paths, division, split, set.source);
  // Of the whole set, so that the classes have the same numbers in both parts.
  const { classes, isByFolders, noClasses, unnamed, notes, warnings } = classify(
    paths,
    set,
    unlabeled === "keep",
  );
  const places = part.indices.filter((place) => !unnamed.has(place));
  const labels = classes && places.map((place) => classes.labelOf(place));
  // The part's folder is understood; the folder around everything is part of a file's path.
  const shown = (path: string): string => (base === wrapper ? `${wrapper}${path}` : path);
  const around =
    wrapper !== "" && (division || isByFolders)
      ? [`All images are in ${wrapper.slice(0, -1)}; the folders inside it are taken for parts or classes.`]
      : [];
  return {
    name: set.name,
    source: set.source,
    identity: [
      ...set.identity,
      ...places.map((place) => `${paths[place]}\0${own.files[place]!.fingerprint}`),
      ...(labels ? [sha256(labels.join())] : []),
    ],
    paths: places.map((place) => shown(paths[place]!)),
    skipped: [
      ...own.skipped,
      ...part.indices.flatMap((place) => {
        const reason = unnamed.get(place);
        return reason === undefined ? [] : [{ path: shown(paths[place]!), reason }];
      }),
    ],
    notes: [part.note, ...notes, ...labeledNote(labels), ...around, ...set.survey.notes, ...set.notes],
    warnings,
    classNames: classes?.names,
    noClasses,
    load: (index, square) => set.load(places[index]!, square),
    label: (index) => labels![index]!,
    close: set.close,
  };
}

interface Classified {
  readonly classes: LabelsInSet | undefined;
  /** Whether the classes are folders. */
  readonly isByFolders?: boolean;
  /** Why there are no classes, where something looks like some. */
  readonly noClasses?: string | undefined;
  /** Places in `paths` without a label though the others have one, and why. */
  readonly unnamed: ReadonlyMap<number, string>;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** Classes, and of each image one of them, or `NO_LABEL`. */
interface LabelsInSet {
  readonly names: readonly string[];
  readonly labelOf: (place: number) => number;
}

const labelsInSet = (names: readonly string[], labels: readonly (number | undefined)[]): LabelsInSet => ({
  names,
  labelOf: (place) => labels[place] ?? NO_LABEL,
});

/** @param keep whether images without a label are kept where others have one */
function classify(paths: readonly string[], set: ImageSet, keep: boolean): Classified {
  const tables = joinTables(set.tables, set.survey.base, keep);
  try {
    if (tables.problem !== undefined) throw new TableProblem(tables.problem);
    return tables.set ? byTables(paths, set, tables, keep) : byFolders(paths, set, tables.notes, keep);
  } catch (error) {
    if (!(error instanceof TableProblem)) throw error;
    const noClasses = error.message;
    return {
      ...{ classes: undefined, noClasses, unnamed: new Map() },
      notes: [...tables.notes, `No labels are used: ${noClasses}.`],
      warnings: [],
    };
  }
}

/** @throws TableProblem if the labels cannot be used for these images */
function byTables(
  paths: readonly string[],
  { survey }: ImageSet,
  { set, notes }: MetadataResult,
  keep: boolean,
): Classified {
  const { name } = set!;
  const full = paths.map((path) => `${survey.base}${path}`);
  const { names, labels, unused } = namedBy(name, () => classesFromMetadata(full, set!, keep));
  const reason = `not in ${name}, so it has no label`;
  const left = unused > 0 ? [`${formatCountOf(unused, "row")} of ${name} name no image of this part.`] : [];
  return {
    classes: labelsInSet(names, labels),
    unnamed: keep ? new Map() : missing(labels, reason),
    notes: [`Labels are from ${name}.`, ...left, ...notes],
    warnings: [],
  };
}

/** What `work` comes to; a problem of the tables is told with their names. */
function namedBy<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof TableProblem ? new TableProblem(`${name} ${error.message}`) : error;
  }
}

function byFolders(
  paths: readonly string[],
  { survey }: ImageSet,
  notes: readonly string[],
  keep: boolean,
): Classified {
  const { division, elsewhere, base } = survey;
  const others = elsewhere.map((path) => classFolder(path)).filter((name) => name !== undefined);
  const found = classesOf(paths, division, others, keep);
  if (!found) {
    const noClasses = notes[0]?.replace(/\.$/, "");
    return { classes: undefined, noClasses, unnamed: new Map(), notes, warnings: [] };
  }
  if ("beside" in found) {
    const noClasses = `${formatCountOf(found.beside.length, "image")} of ${paths.length} are in no class folder (${some(found.beside, base)})`;
    return {
      ...{ classes: undefined, noClasses, unnamed: new Map() },
      notes: [...notes, `Folders are not taken for classes: ${noClasses}.`],
      warnings: [],
    };
  }
  const { names, labels } = found;
  const strays = keep ? [] : paths.filter((_, place) => labels[place] === undefined);
  const stray = `Left out, as they lie beside the class folders and not in them: ${some(strays, base)}.`;
  return {
    classes: labelsInSet(names, labels),
    isByFolders: true,
    unnamed: keep
      ? new Map()
      : missing(labels, "beside the class folders and in none of them, so it has no label"),
    notes: strays.length > 0 ? [...notes, stray] : notes,
    warnings: partsForClasses(names),
  };
}

/** Places without a label, and why. */
const missing = (labels: readonly unknown[], reason: string): ReadonlyMap<number, string> =>
  new Map(labels.flatMap((label, place) => (label === undefined ? [[place, reason] as const] : [])));

/** The first of `paths`, which are in `folder`, for a sentence. */
function some(paths: readonly string[], folder = ""): string {
  const names = paths.slice(0, 3).map((path) => printable(`${folder}${path}`));
  return [...names, ...(paths.length > names.length ? [`${paths.length - names.length} more`] : [])].join(
    ", ",
  );
}

/** A warning where folders that are taken for classes have the names of parts. */
function partsForClasses(names: readonly string[]): string[] {
  if (!names.every((name) => readPartName(name) !== undefined)) return [];
  return [
    `The folders ${some(names)} are taken for classes, and their names are those of parts of a data set: test images may be among what is trained on. ` +
      'Rename them to "train" and "test" to divide the set, or give only the folder to train on.',
  ];
}
