/**
 * Finds the images below a folder: recursive, follows symbolic links without going round in
 * circles, passes over hidden files and the folders of training runs (their sample grids are images
 * too, and not ones to train on).
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { extname } from "node:path";
import { NO_REGULAR_FILE } from "../base/disk/regular.node.ts";
import { below, type Place, type RawEntry, topPlace } from "./formats/raw-names.node.ts";
import { OddFileError } from "./plain-file.node.ts";
import { countProgress } from "./progress.ts";
import { isMetadata } from "./sources/labels/metadata-names.ts";
import type { SkippedFile } from "./store/store.ts";

/** What sharp's prebuilt libvips reads. */
const READABLE = new Set(".jpg .jpeg .jpe .jfif .png .webp .gif .tif .tiff .avif .svg .svgz".split(" "));
/** Images all the same: skipped, and reported, rather than passed over in silence. */
const UNREADABLE = new Set(
  ".heic .heif .bmp .jxl .jp2 .j2k .psd .ico .exr .hdr .tga .dng .cr2 .cr3 .nef .arw .orf .rw2 .raf".split(
    " ",
  ),
);
/**
 * What a file is by its name: an image, one that cannot be read (with the reason), or something
 * else.
 */
export function imageKind(path: string): "image" | "other" | { readonly reason: string } {
  const extension = extname(path).toLowerCase();
  if (READABLE.has(extension)) return "image";
  if (!UNREADABLE.has(extension)) return "other";
  return { reason: `${extension} files cannot be read: convert them to JPEG, PNG or WebP` };
}

/**
 * Folders in which systems keep what was deleted, thumbnails and the like. Exact names: "recycled"
 * may well be a class.
 */
const SYSTEM_FOLDERS = new Set([
  ...["__MACOSX", "Network Trash Folder", "Temporary Items"],
  ...["$RECYCLE.BIN", "RECYCLER", "System Volume Information"],
  ...["@eaDir", "@__thumb", "@Recycle", "@Recently-Snapshot", "#recycle", "#snapshot", "@tmp"],
  ...["lost+found"],
]);
const SYSTEM_FILES = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini"]);

/** Whether a file or folder of this name is passed over: hidden, or made by a system for itself. */
export function isHidden(name: string): boolean {
  return (
    name.startsWith(".") ||
    SYSTEM_FOLDERS.has(name) ||
    SYSTEM_FILES.has(name.toLowerCase()) ||
    // Windows writes it in either case, and keeps what a check of the disk finds in FOUND.000.
    /^(\$recycle\.bin|found\.\d{3})$/i.test(name)
  );
}

/** How many files are looked at at once. */
const PARALLEL = 64;

/** An image file that was found. */
export interface FoundFile {
  /**
   * Relative to the folder, with `/` on every system; bytes that are not UTF-8 are written as
   * `\xE9`.
   */
  readonly path: string;
  /** Changes when the file does: size and times of change of contents and of inode. */
  readonly fingerprint: string;
  /** The whole path as the system has it, where `path` cannot be opened because it is not UTF-8. */
  readonly bytes?: Buffer | undefined;
}

/** What is below a folder. */
export interface Walk {
  /** Sorted by path, so that the order does not depend on the file system. */
  readonly files: readonly FoundFile[];
  readonly skipped: readonly SkippedFile[];
  /** Tables of labels, sorted. */
  readonly tables: readonly string[];
  /** Folders of training runs that were left out. */
  readonly runFolders: readonly string[];
  /** Extensions of the files that are none of those looked for, for error messages. */
  readonly otherExtensions: ReadonlySet<string>;
}

/** Hooks for long walks. */
export interface WalkOptions {
  readonly onFound?: ((found: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is looked for, by name; images unless given. */
  readonly kindOf?: typeof imageKind | undefined;
  /** Fingerprints are not asked for and are empty, which spares a look at every file. */
  readonly namesOnly?: boolean | undefined;
}

/**
 * Lists the images below `root`, which must be a folder that exists. Unreadable subfolders, and
 * devices and pipes that are called like images, are reported as skipped.
 * @throws the signal's reason when it aborts
 */
export async function walkImages(root: string | Place, options: WalkOptions = {}): Promise<Walk> {
  const { signal, kindOf = imageKind } = options;
  const files: FoundFile[] = [];
  const skipped: SkippedFile[] = [];
  const runFolders: string[] = [];
  const tables: string[] = [];
  const otherExtensions = new Set<string>();
  const visited = new Set<string>();

  const visitFile = async ({ path, bytes, plain }: Place, isFile: boolean): Promise<void> => {
    if (isMetadata(path)) tables.push(path);
    const kind = kindOf(path);
    if (kind === "other") {
      otherExtensions.add(extname(path).toLowerCase() || "no extension");
      return;
    }
    const reason = isFile ? undefined : NO_REGULAR_FILE;
    if (kind !== "image" || reason !== undefined) {
      skipped.push({ path, reason: reason ?? (kind as { reason: string }).reason });
      return;
    }
    if (options.namesOnly) {
      files.push({ path, fingerprint: "" });
      return;
    }
    const info = await stat(bytes, { bigint: true });
    const fingerprint = `${info.size} ${info.mtimeNs} ${info.ctimeNs}`;
    files.push(plain ? { path, fingerprint } : { path, fingerprint, bytes });
    if (files.length % 1000 === 0) options.onFound?.(files.length);
  };

  const visitEntry = async (place: Place, entry: RawEntry): Promise<void> => {
    try {
      // A link says only that it is one; what it leads to decides.
      const kind = entry.isSymbolicLink() ? await stat(place.bytes) : entry;
      if (kind.isDirectory()) await visitFolder(place);
      else await visitFile(place, kind.isFile());
    } catch (error) {
      signal?.throwIfAborted();
      const gone = leadsNowhere(error);
      // A link that leads nowhere may have led to a folder, unless it is called like another kind
      // of file.
      if (!gone || extname(place.path) === "" || kindOf(place.path) !== "other")
        skipped.push({ path: place.path, reason: whyUnreadable(error) });
    }
  };

  const visitFolder = async (folder: Place): Promise<void> => {
    signal?.throwIfAborted();
    countProgress();
    const real = await realpath(folder.bytes, { encoding: "buffer" });
    const key = real.toString("latin1");
    if (visited.has(key)) return;
    visited.add(key);
    const all = (await readdir(real, { withFileTypes: true, encoding: "buffer" })) as unknown as RawEntry[];
    const entries = all
      .map((entry) => ({ entry, place: below(folder, entry.name) }))
      .filter(({ place }) => !isHidden(place.name));
    const names = new Set(entries.map(({ place }) => place.name));
    if (folder.path !== "" && names.has("metrics.jsonl") && names.has("config.json")) {
      runFolders.push(folder.path);
      return;
    }
    // Sorted, so that of two links to one folder it is always the same one that is followed.
    entries.sort((a, b) => compare(a.place.name, b.place.name));
    const isFolder = ({ entry }: { entry: RawEntry }): boolean =>
      entry.isDirectory() || entry.isSymbolicLink();
    const plain = entries.filter((entry) => !isFolder(entry));
    for (let i = 0; i < plain.length; i += PARALLEL) {
      signal?.throwIfAborted();
      countProgress();
      await Promise.all(plain.slice(i, i + PARALLEL).map(({ place, entry }) => visitEntry(place, entry)));
    }
    for (const { place, entry } of entries.filter(isFolder)) await visitEntry(place, entry);
  };

  await visitFolder(typeof root === "string" ? topPlace(root) : { ...root, path: "", name: "" });
  files.sort((a, b) => compare(a.path, b.path));
  skipped.sort((a, b) => compare(a.path, b.path));
  runFolders.sort(compare);
  tables.sort(compare);
  options.onFound?.(files.length);
  return { files, skipped, tables, runFolders, otherExtensions };
}

/** By code units: the same order on every machine, unlike `localeCompare`. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function leadsNowhere(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** What keeps a file from being read, for the list of skipped files. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof OddFileError) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (leadsNowhere(error)) return "a link that leads nowhere, or a file that vanished";
  if (code === "ELOOP") return "a link that leads in a circle";
  return `cannot be read (${code ?? String(error)})`;
}
