/**
 * Finds the images below a folder: recursive, follows symbolic links without going round in circles, passes over hidden
 * files and the folders of training runs (their sample grids are images too, and not ones to train on).
 */
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { isMetadata } from "./sources/metadata-names.ts";
import type { SkippedFile } from "./store.ts";

/** What sharp's prebuilt libvips reads. */
const READABLE = new Set(".jpg .jpeg .jpe .jfif .png .webp .gif .tif .tiff .avif .svg .svgz".split(" "));
/** Images all the same: skipped, and reported, rather than passed over in silence. */
const UNREADABLE = new Set(
  ".heic .heif .bmp .jxl .jp2 .j2k .psd .ico .exr .hdr .tga .dng .cr2 .cr3 .nef .arw .orf .rw2 .raf".split(
    " ",
  ),
);
/** What a file is by its name: an image, one that cannot be read (with the reason), or something else. */
export function imageKind(path: string): "image" | "other" | { readonly reason: string } {
  const extension = extname(path).toLowerCase();
  if (READABLE.has(extension)) return "image";
  if (!UNREADABLE.has(extension)) return "other";
  return { reason: `${extension} files cannot be read: convert them to JPEG, PNG or WebP` };
}

/** Whether a file or folder of this name is passed over: hidden, or made by a system for itself. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX" || name === "@eaDir";
}

/** How many files are looked at at once. */
const PARALLEL = 64;

/** An image file that was found. */
export interface FoundFile {
  /** Relative to the folder, with `/` on every system. */
  readonly path: string;
  /** Changes when the file does: size and times of change of contents and of inode. */
  readonly fingerprint: string;
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
  /** Extensions of the files that are no images, for error messages. */
  readonly otherExtensions: ReadonlySet<string>;
}

/** Hooks for long walks. */
export interface WalkOptions {
  readonly onFound?: ((found: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Fingerprints are not asked for and are empty, which spares a look at every file. */
  readonly namesOnly?: boolean | undefined;
}

/** Lists the images below `root`, which must be a folder that exists. Unreadable subfolders are reported as skipped. */
export async function walkImages(root: string, options: WalkOptions = {}): Promise<Walk> {
  const files: FoundFile[] = [];
  const skipped: SkippedFile[] = [];
  const runFolders: string[] = [];
  const tables: string[] = [];
  const otherExtensions = new Set<string>();
  const visited = new Set<string>();

  const visitFile = async (path: string): Promise<void> => {
    if (isMetadata(path)) tables.push(path);
    const kind = imageKind(path);
    if (kind === "other") {
      otherExtensions.add(extname(path).toLowerCase() || "no extension");
      return;
    }
    if (kind !== "image") {
      skipped.push({ path, reason: kind.reason });
      return;
    }
    if (options.namesOnly) {
      files.push({ path, fingerprint: "" });
      return;
    }
    const info = await stat(join(root, path), { bigint: true });
    files.push({ path, fingerprint: `${info.size} ${info.mtimeNs} ${info.ctimeNs}` });
    if (files.length % 1000 === 0) options.onFound?.(files.length);
  };

  const visitEntry = async (folder: string, entry: Dirent): Promise<void> => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    try {
      // A link says only that it is one; what it leads to decides.
      const kind = entry.isSymbolicLink() ? await stat(join(root, path)) : entry;
      if (kind.isDirectory()) await visitFolder(path);
      else if (kind.isFile()) await visitFile(path);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      skipped.push({ path, reason: explain(error) });
    }
  };

  const visitFolder = async (folder: string): Promise<void> => {
    options.signal?.throwIfAborted();
    const real = await realpath(join(root, folder));
    if (visited.has(real)) return;
    visited.add(real);
    const entries = (await readdir(real, { withFileTypes: true })).filter(({ name }) => !isHidden(name));
    const names = new Set(entries.map(({ name }) => name));
    if (folder !== "" && names.has("metrics.jsonl") && names.has("config.json")) {
      runFolders.push(folder);
      return;
    }
    // Sorted, so that of two links to one folder it is always the same one that is followed.
    entries.sort((a, b) => compare(a.name, b.name));
    const isFolder = (entry: Dirent): boolean => entry.isDirectory() || entry.isSymbolicLink();
    const plain = entries.filter((entry) => !isFolder(entry));
    for (let i = 0; i < plain.length; i += PARALLEL)
      await Promise.all(plain.slice(i, i + PARALLEL).map((entry) => visitEntry(folder, entry)));
    for (const entry of entries.filter(isFolder)) await visitEntry(folder, entry);
  };

  await visitFolder("");
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

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (code === "ENOENT") return "a link that leads nowhere, or a file that vanished";
  if (code === "ELOOP") return "a link that leads in a circle";
  return `cannot be read (${code ?? String(error)})`;
}
