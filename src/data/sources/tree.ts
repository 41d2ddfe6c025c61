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

/** The folder of the part that is not asked for, if one part is. */
export function otherFolder(division: Division | undefined, split: Split): string | undefined {
  if (!division || split === "all") return undefined;
  return split === "test" ? division.train : division.test;
}

/** A folder that may hold a table of labels. */
export interface TableFolder {
  /** From the top of the set, with a slash at the end; empty for the top. */
  readonly folder: string;
  /** What the table's paths need in front to be those of the images; undefined if it is of another part and only tells classes. */
  readonly prefix: string | undefined;
}

/** Where tables of labels for `split` may be. The other part's is read as well: a class has the same number in both. */
export function tableFolders(division: Division | undefined, split: Split): TableFolder[] {
  if (!division) return [{ folder: "", prefix: "" }];
  const parts = [division.train, division.test].map((part) => `${part}/`);
  if (split === "all") return ["", ...parts].map((folder) => ({ folder, prefix: folder }));
  const own = `${folderOf(division, split)}/`;
  return parts.map((folder) => ({ folder, prefix: folder === own ? "" : undefined }));
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
 * @param elsewhere classes of the other part: a class has the same number in both
 */
export function classesOf(
  paths: readonly string[],
  division?: Division,
  elsewhere: Iterable<string> = [],
): Classes | undefined {
  const own = paths.map((path) => classFolder(path, division));
  if (own.includes(undefined)) return undefined;
  const names = [...new Set([...own.map((name) => name!), ...elsewhere])].sort();
  if (names.length < 2 || names.length > MAXIMUM_CLASSES) return undefined;
  const numbers = new Map(names.map((name, index) => [name, index]));
  return { names, labels: own.map((name) => numbers.get(name!)!) };
}

/**
 * The folder around all of `paths` where the folders inside it would be classes or parts, had it been given itself; undefined if there
 * is no such folder.
 */
export function folderAround(paths: readonly string[]): string | undefined {
  const all = paths.map((path) => path.split("/"));
  const [first] = all;
  // Of no paths everything is true, at any depth.
  if (!first) return undefined;
  let depth = 0;
  while (all.every((words) => words.length > depth + 1 && words[depth] === first[depth])) depth++;
  if (depth === 0) return undefined;
  const inside = all.map((words) => words.slice(depth));
  const division = divisionOf(inside.flatMap((words) => (words.length > 1 ? [words[0]!] : [])));
  const means = division ?? classesOf(inside.map((words) => words.join("/")));
  return means && first.slice(0, depth).join("/");
}

/** The class folder that an image is in, if it is in one. */
export function classFolder(path: string, division?: Division): string | undefined {
  const [first, second, ...rest] = path.split("/");
  if (second === undefined) return undefined;
  if (first !== division?.train && first !== division?.test) return first;
  return rest.length > 0 ? second : undefined;
}
