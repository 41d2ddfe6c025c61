/**
 * What the folders of a set of images mean, in a real folder or inside an archive: `train` beside `test` (or `val`, `validation`) is a
 * division, and the first level of folders below, if every image is in one, are classes (the "image folder" layout of torchvision
 * and ImageNet). Pure: works on paths.
 */
import type { Split } from "../store.ts";
import { hashSplit, type Part, partNames } from "./split.ts";

/** More subfolders than this are not classes but a way of filing. */
const MAXIMUM_CLASSES = 1000;

/** A division by folders: their names. */
export interface Division {
  readonly train: string;
  readonly test: string;
}

/** The division that the first-level folders `names` make: `train` and one for testing; undefined if they make none. */
export function divisionOf(names: Iterable<string>): Division | undefined {
  const { train, test } = partNames(new Set(names));
  return train !== undefined && test !== undefined ? { train, test } : undefined;
}

/** The folder to look into for `split`; undefined means everywhere. */
export function folderOf(division: Division | undefined, split: Split): string | undefined {
  if (!division || split === "all") return undefined;
  return split === "test" ? division.test : division.train;
}

/** Where tables of labels for `split` may be, relative to the folder for it: folders with a slash at the end. */
export function tableFolders(division: Division | undefined, split: Split): string[] {
  return division && split === "all" ? ["", `${division.train}/`, `${division.test}/`] : [""];
}

/**
 * The images of `split` among `paths`, which lie in the folder for it already.
 * @param where names the set in errors
 */
export function choosePart(
  paths: readonly string[],
  division: Division | undefined,
  split: Split,
  where: string,
): Part {
  const folder = folderOf(division, split);
  if (!division || folder === undefined) return hashSplit(paths, split, where);
  return {
    indices: paths.map((_, index) => index),
    note: `Split by folders: this is "${folder}" of "${division.train}" and "${division.test}".`,
  };
}

/** Classes by folders. */
export interface Classes {
  readonly names: readonly string[];
  /** Class of each path. */
  readonly labels: readonly number[];
}

/**
 * First-level folders as classes, if every image is in one and there are two or more; otherwise undefined.
 * Folders of a division do not count as a level.
 */
export function classesOf(paths: readonly string[], division?: Division): Classes | undefined {
  const parts = new Set<string | undefined>(division ? [division.train, division.test] : []);
  const own = paths.map((path) => {
    const [first, second, ...rest] = path.split("/");
    if (second === undefined) return undefined;
    return parts.has(first) ? (rest.length > 0 ? second : undefined) : first;
  });
  const names = [...new Set(own)].sort();
  if (names.length < 2 || names.length > MAXIMUM_CLASSES) return undefined;
  const known = names.filter((name) => name !== undefined);
  if (known.length < names.length) return undefined;
  const numbers = new Map(known.map((name, index) => [name, index]));
  return { names: known, labels: own.map((name) => numbers.get(name!)!) };
}
