/**
 * Where the images of a set are, and what its folders mean, the same for a folder on the disk and
 * for an archive: the folder around everything is passed over, folders named for parts divide the
 * set, tables lie anywhere.
 */
import type { SkippedFile, Split } from "../store/store.ts";
import { imageKind } from "../walk.node.ts";
import { METADATA_NAMES } from "./labels/metadata-names.ts";
import { partPairs, readPartName } from "./part-names.ts";
import { commonFolder, type Division, folderOf, otherFolder } from "./tree.ts";

/** What is below a folder; paths are relative to it. */
export interface SetWalk<F extends { readonly path: string }> {
  /** The images. */
  readonly files: readonly F[];
  readonly skipped: readonly SkippedFile[];
  /** Tables of labels, wherever they lie. */
  readonly tables: readonly string[];
  /** Folders of training runs that were left out. */
  readonly runFolders: readonly string[];
  /** Extensions of the files that are no images, for error messages. */
  readonly otherExtensions: ReadonlySet<string>;
}

/**
 * A tree of folders with images in it. Folders are written from its top, with a slash at the end;
 * the top is empty.
 */
export interface SetTree<F extends { readonly path: string }> {
  /** Names of the folders in `folder`, links to folders among them, without hidden ones. */
  subfolders(folder: string): Promise<readonly string[]>;
  /**
   * All that is below `folder`.
   * @param namesOnly nothing but paths will be asked of the files, not where they are or whether
   * they changed
   */
  walk(folder: string, namesOnly: boolean): Promise<SetWalk<F>>;
}

/** What was found. */
export interface Survey<F extends { readonly path: string }> {
  readonly division: Division | undefined;
  /**
   * From the top to the folder that the paths of `own` are relative to, with a slash at the end.
   */
  readonly base: string;
  /** The folder around everything, with a slash at the end. */
  readonly wrapper: string;
  /**
   * The part that is asked for. What is skipped has its path from the top where no division was
   * made.
   */
  readonly own: SetWalk<F>;
  /** Paths of the images of the part that is not asked for, relative to its folder. */
  readonly elsewhere: readonly string[];
  /** Where tables of labels are or may be, by their path from the top. */
  readonly tables: readonly string[];
  /** What the user should know. */
  readonly notes: readonly string[];
}

/** Looks for the images of `split` in `tree`. */
export async function surveySet<F extends { readonly path: string }>(
  tree: SetTree<F>,
  split: Split,
): Promise<Survey<F>> {
  const known = new Map<string, Promise<SetWalk<F>>>();
  const namesIn = (folder: string): Promise<SetWalk<F>> => {
    const walk = known.get(folder) ?? tree.walk(folder, true);
    known.set(folder, walk);
    return walk;
  };
  let wrapper = "";
  let whole: SetWalk<F> | undefined;
  let division = await divide(tree, "", namesIn);
  if (!division) {
    whole = await tree.walk("", false);
    wrapper = commonFolder([...imagesOf(whole), ...whole.tables]);
    if (wrapper !== "") division = await divide(tree, wrapper, namesIn);
  }
  const notes: string[] = [];
  const part = folderOf(division, split);
  if (part === undefined) {
    const all = whole ?? (await tree.walk("", false));
    return {
      division,
      base: wrapper,
      wrapper,
      own: inside(all, wrapper),
      elsewhere: [],
      tables: all.tables,
      notes,
    };
  }
  const base = `${wrapper}${part}/`;
  const other = `${wrapper}${otherFolder(division, split)!}/`;
  const [own, elsewhere] = [await tree.walk(base, false), await namesIn(other)];
  const unused: string[] = [];
  for (const name of await tree.subfolders(wrapper))
    if (name !== division!.train && name !== division!.test)
      if (hasImages(await namesIn(`${wrapper}${name}/`))) unused.push(`"${name}"`);
  if (unused.length > 0)
    notes.push(`Images in ${unused.join(", ")} are in neither part; the split "all" has them.`);
  return {
    ...{ division, base, wrapper, own, notes },
    elsewhere: imagesOf(elsewhere),
    tables: [
      ...above(wrapper).flatMap((folder) => METADATA_NAMES.map((name) => `${folder}${name}`)),
      ...own.tables.map((table) => `${base}${table}`),
      ...elsewhere.tables.map((table) => `${other}${table}`),
    ],
  };
}

/**
 * The division by the folders in `folder`. A part to measure on must have images: an empty `test`
 * beside a full `valid` is none. A training part without images is one, as nothing must be trained
 * on test images because of it.
 */
async function divide<F extends { readonly path: string }>(
  tree: SetTree<F>,
  folder: string,
  namesIn: (folder: string) => Promise<SetWalk<F>>,
): Promise<Division | undefined> {
  const names = (await tree.subfolders(folder)).filter((name) => readPartName(name) !== undefined);
  if (partPairs(names).length === 0) return undefined;
  const full: string[] = [];
  for (const name of names) {
    const { part } = readPartName(name)!;
    if (part === "train" || hasImages(await namesIn(`${folder}${name}/`))) full.push(name);
  }
  return partPairs(full)[0];
}

/** `a/b/` and the folders around it: ``, `a/`, `a/b/`. */
const above = (folder: string): string[] =>
  folder.split("/").map((_, depth, words) =>
    words
      .slice(0, depth)
      .map((word) => `${word}/`)
      .join(""),
  );

/** Paths of images, usable or not. */
function imagesOf({ files, skipped }: SetWalk<{ readonly path: string }>): string[] {
  return [...files, ...skipped].map(({ path }) => path).filter((path) => imageKind(path) !== "other");
}

const hasImages = (walk: SetWalk<{ readonly path: string }>): boolean => imagesOf(walk).length > 0;

/**
 * The same with the paths of images relative to `folder`, which is around all of them. What is
 * skipped keeps its path.
 */
function inside<F extends { readonly path: string }>(walk: SetWalk<F>, folder: string): SetWalk<F> {
  if (folder === "") return walk;
  return { ...walk, files: walk.files.map((one) => ({ ...one, path: one.path.slice(folder.length) })) };
}
