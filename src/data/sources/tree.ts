/**
 * What the folders of a set of images mean, in a real folder or inside an archive: `train` beside
 * `test` (or another word for parts, see `part-names.ts`) is a division, and the first level of
 * folders below, if the images are in them, are classes (the "image folder" layout of torchvision
 * and ImageNet). Pure: works on paths.
 */
import { MINIMUM_IMAGES } from "../advice.ts";
import type { Split } from "../store/store.ts";
import { isNoLabel } from "./labels/no-label.ts";
import { type PartPair, readPartName } from "./part-names.ts";
import { hashSplit, type Part } from "./split.ts";

/** More subfolders than this are not classes but a way of filing. */
const MAXIMUM_CLASSES = 1000;

/** A division by folders: their names. */
export type Division = PartPair;

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
  /** Class of each path; undefined for the few that are in no class folder. */
  readonly labels: readonly (number | undefined)[];
}

/** Why folders are no classes, though there are several: names the images that lie beside them. */
export interface NoClasses {
  readonly beside: readonly string[];
}

/** So many images beside the class folders are taken for strays, however few images there are. */
const STRAYS = 3;
/** Of a large set, one image in so many. */
const STRAY_ONE_IN = 100;

/**
 * First-level folders as classes, if the images are in them and there are two or more; undefined if
 * they mean nothing. A few images beside the folders have no class; with more of them the folders
 * are no classes. Folders of a division do not count as a level.
 * @param elsewhere classes of the other part: a class has the same number in both
 * @param keep whether images without a class are kept: then any number of them lies beside the
 * folders, or in one whose name says that they have none (`unlabeled`)
 */
export function classesOf(
  paths: readonly string[],
  division?: Division,
  elsewhere: Iterable<string> = [],
  keep = false,
): Classes | NoClasses | undefined {
  const named = (name: string | undefined): name is string =>
    name !== undefined && !(keep && isNoLabel(name));
  const own = paths
    .map((path) => classFolder(path, division))
    .map((name) => (named(name) ? name : undefined));
  const names = [...new Set([...own, ...elsewhere].filter(named))].sort();
  if (names.length < 2 || names.length > MAXIMUM_CLASSES) return undefined;
  const beside = paths.filter((_, place) => own[place] === undefined);
  if (beside.length === paths.length && paths.length > 0) return undefined;
  if (!keep && tooManyStrays(beside.length, paths.length)) return { beside };
  const numbers = new Map(names.map((name, index) => [name, index]));
  return { names, labels: own.map((name) => (name === undefined ? undefined : numbers.get(name))) };
}

/**
 * Whether `strays` of `all` images are so many that the others' folders are a way of filing rather
 * than classes.
 */
function tooManyStrays(strays: number, all: number): boolean {
  if (strays === 0) return false;
  if (strays > Math.max(STRAYS, all / STRAY_ONE_IN) || strays * 10 > all) return true;
  return costsTheSet(all - strays, all);
}

/**
 * Whether leaving out the images without a label would leave too few to train on, where all of them
 * are enough.
 */
export const costsTheSet = (labeled: number, all: number): boolean =>
  labeled < MINIMUM_IMAGES && all >= MINIMUM_IMAGES;

/**
 * The folders around all of `paths`, with a slash at the end; empty if there are none. Archives
 * have them, and folders one level too high.
 */
export function commonFolder(paths: readonly string[]): string {
  const folder = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
  let common = folder(paths[0] ?? "");
  for (const path of paths) while (!path.startsWith(common)) common = folder(common.slice(0, -1));
  return common;
}

/** The class folder that an image is in, if it is in one. */
export function classFolder(path: string, division?: Division): string | undefined {
  const [first, second, ...rest] = path.split("/");
  if (second === undefined) return undefined;
  // Of a third part as well (`val` beside `train` and `test`).
  const isPart = division && (first === division.train || first === division.test || readPartName(first!));
  if (!isPart) return first;
  return rest.length > 0 ? second : undefined;
}
